import { defineTool } from "patchbay/tool";
import { z } from "zod";

export default defineTool({
  description: "Tells the current date and time in a time zone.",
  parameters: z.object({
    time_zone: z
      .string()
      .describe(
        "IANA time zone, such as Europe/Berlin or America/New_York; UTC where nobody named one.",
      )
      .default("UTC"),
  }),
  run({ time_zone: timeZone }) {
    const now = new Date();
    return {
      time_zone: timeZone,
      utc: now.toISOString(),
      text: `It is ${format(now, timeZone)} in ${timeZone}.`,
    };
  },
});

function format(date: Date, timeZone: string): string {
  try {
    return new Intl.DateTimeFormat("en-GB", {
      dateStyle: "full",
      timeStyle: "short",
      timeZone,
    }).format(date);
  } catch (error) {
    throw new Error(
      `"${timeZone}" is not a time zone. Use an IANA name such as Europe/Berlin, America/New_York or UTC.`,
      { cause: error },
    );
  }
}
