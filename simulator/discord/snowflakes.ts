/** Discord counts from the first second of 2015. */
const EPOCH = 1_420_070_400_000;

/** Ids that grow with time, 19 digits long in these years; two calls never give the same one. */
export function createSnowflakes(): () => string {
  let last = 0n;
  return () => {
    const now = BigInt(Date.now() - EPOCH) << 22n;
    last = now > last ? now : last + 1n;
    return String(last);
  };
}

/** Milliseconds since 1970 at which the id was made. */
export function timeOf(id: string): number {
  return Number(BigInt(id) >> 22n) + EPOCH;
}
