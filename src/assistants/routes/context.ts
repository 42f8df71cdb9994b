import { ApiError } from "../errors.ts";
import { OverdueRun } from "../runs/create.ts";
import { type Resuming, settleOverdue } from "../runs/resume.ts";

/** What the routes work with. */
export interface RouteContext extends Resuming {
  readonly defaultModel: string | undefined;
  /** Seconds. */
  readonly runLifetime: number;
  /** True once the server takes no more work. */
  readonly leaving: () => boolean;
}

/** New work is refused while the server leaves; clients may ask another process, or this one after its restart. */
export function refuseWhenLeaving(context: RouteContext): void {
  if (context.leaving()) throw new ApiError(503, "The server is shutting down. Try again shortly.");
}

/** Does what a run whose time is over stood in the way of. */
export async function pastOverdue<T>(context: RouteContext, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof OverdueRun)) throw error;
    await settleOverdue(context, error.run);
    return work();
  }
}
