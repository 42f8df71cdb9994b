import type { Area, Finding } from "./finding.ts";

const TITLES: Readonly<Record<Area, string>> = {
  configuration: "Configuration",
  settings: "patchbay.yml",
  slack: "Slack",
  discord: "Discord",
  model: "Model",
  assistants: "Assistants endpoint",
  store: "Store",
  tools: "Tools",
  http: "HTTP",
};

const MARKS: Readonly<Record<Finding["state"], readonly [mark: string, colour: number]>> = {
  ok: ["✓", 32],
  warn: ["!", 33],
  fault: ["✗", 31],
};

/** Words for a terminal, or nothing but words. */
export interface Report {
  area(area: Area, findings: readonly Finding[]): string;
  end(findings: readonly Finding[], playground: string | undefined): string;
}

export function createReport(colour: boolean): Report {
  const paint = (code: number, text: string): string =>
    colour ? `\u001B[${code}m${text}\u001B[0m` : text;
  return {
    area(area, findings) {
      if (findings.length === 0) return "";
      const lines = findings.flatMap(({ state, message, remedy }, index) => {
        const [mark, code] = MARKS[state];
        // Steps that may come next are told at the end; a way out that several share, below the last of them.
        const shown = state !== "ok" && remedy !== findings[index + 1]?.remedy;
        return [
          `  ${paint(code, mark)} ${message}`,
          ...(shown && remedy !== undefined ? [`      ${indent(remedy)}`] : []),
        ];
      });
      return `${paint(1, TITLES[area])}\n${lines.join("\n")}\n\n`;
    },
    end(findings, playground) {
      const steps = findings.flatMap(({ state, remedy }) =>
        state === "ok" && remedy !== undefined ? [remedy] : [],
      );
      const faults = count(findings, "fault");
      const said = [
        ...(faults === 0 && playground !== undefined ? [playground, ""] : []),
        ...(steps.length === 0 ? [] : [paint(1, "Next steps")]),
        ...steps.map((step, index) => `  ${index + 1}. ${indent(step)}`),
        ...(steps.length === 0 ? [] : [""]),
        paint(faults === 0 ? 32 : 31, sumUp(faults, count(findings, "warn"))),
      ];
      return `${said.join("\n")}\n`;
    },
  };
}

/** A way out may have several lines. */
function indent(text: string): string {
  return text.replaceAll("\n", "\n      ");
}

function count(findings: readonly Finding[], state: Finding["state"]): number {
  return findings.filter((finding) => finding.state === state).length;
}

function sumUp(faults: number, warnings: number): string {
  const told = [numbered(faults, "fault"), numbered(warnings, "warning")];
  return `${told.join(", ")}.`.replace(/^n/, "N");
}

function numbered(number: number, noun: string): string {
  return `${number === 0 ? "no" : number} ${noun}${number === 1 ? "" : "s"}`;
}
