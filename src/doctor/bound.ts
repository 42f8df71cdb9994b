import { messageOf } from "../errors.ts";
import { type Area, type Finding, findingsIn } from "./finding.ts";

/** Milliseconds that one check may take. */
export const BOUND = 10_000;
/** The share of it after which a check is told to end, so that it can still say what it has seen. */
const WARNING = 0.9;

/** Whatever goes wrong within a check becomes a finding: one check never costs the others. */
export async function runBounded(
  area: Area,
  check: (signal: AbortSignal) => readonly Finding[] | Promise<readonly Finding[]>,
  bound = BOUND,
): Promise<readonly Finding[]> {
  const { fault } = findingsIn(area);
  const late = Promise.withResolvers<readonly Finding[]>();
  const timer = setTimeout(() => {
    const said = `The check did not end within ${bound / 1_000} s.`;
    late.resolve([fault(`${area}-check-timed-out`, said, "Run doctor again.")]);
  }, bound);
  try {
    const signal = AbortSignal.timeout(Math.round(bound * WARNING));
    return await Promise.race([check(signal), late.promise]);
  } catch (error) {
    return [fault(`${area}-check-failed`, `The check itself failed: ${messageOf(error)}`)];
  } finally {
    clearTimeout(timer);
  }
}
