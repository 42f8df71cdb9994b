/**
 * What a tool file imports as `patchbay/tool`. tools/README.md shows a whole tool.
 */
/** read: may be repeated at will. write: changes something. dangerous: changes something that is hard to undo. */
export type Risk = "read" | "write" | "dangerous";

export type JsonSchema = Readonly<Record<string, unknown>>;

/** The part of standardschema.dev that tools rely on; zod 4.2 and later, ArkType and others have it. */
export interface StandardSchema<Output = unknown> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => Validation<Output> | Promise<Validation<Output>>;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
    readonly jsonSchema: {
      readonly input: (options: { readonly target: "draft-2020-12" }) => Record<string, unknown>;
    };
  };
}

export type Validation<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly ValidationIssue[] };

export interface ValidationIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** A zod object, any other Standard Schema that tells its JSON Schema, or a JSON Schema as a plain object. */
export type ToolParameters = StandardSchema | JsonSchema;

/** What `run` gets: the schema's output, or a record for a plain JSON Schema. */
export type ToolArguments<Parameters> =
  Parameters extends StandardSchema<infer Output> ? Output : Readonly<Record<string, unknown>>;

/** On whose behalf a tool is called. */
export interface ToolCaller {
  /** The platform's user id, and the name people see. */
  readonly person: { readonly id: string; readonly name: string };
  readonly platform: string;
  /** The key of the conversation; the same for all calls that come from it. */
  readonly conversation: string;
}

export interface ToolLog {
  info(message: string, details?: Readonly<Record<string, unknown>>): void;
  warn(message: string, details?: Readonly<Record<string, unknown>>): void;
  error(message: string, details?: Readonly<Record<string, unknown>>): void;
}

export interface ToolContext {
  /** Stays the same when a call is done again after a restart: use it as an idempotency key. */
  readonly callId: string;
  /** Aborts when the time is up or a person stops the run; hand it to fetch and the like. */
  readonly signal: AbortSignal;
  readonly log: ToolLog;
  readonly caller: ToolCaller;
  /** The environment variables listed in `secrets`, by name; all of them are there. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Those of the environment variables listed in `settings` that are set. */
  readonly settings: Readonly<Partial<Record<string, string>>>;
}

export interface ToolDefinition<Parameters extends ToolParameters = ToolParameters> {
  /** Tells the model what the tool does and when to use it. */
  readonly description: string;
  readonly parameters: Parameters;
  readonly risk?: Risk;
  /** Milliseconds that a call may take; 30,000 where not given. */
  readonly timeout?: number;
  /** Characters of output that the model gets to see; 32,000 where not given. */
  readonly maxOutput?: number;
  /**
   * Environment variables that the tool cannot do without. It sees no others through its context, and their values never
   * get into an output. NAME_FILE may name a file that holds the value of NAME.
   */
  readonly secrets?: readonly string[];
  /** Environment variables that the tool uses where they are set. Names ending in TOKEN, SECRET, PASSWORD or KEY are kept as secrets are. */
  readonly settings?: readonly string[];
  /** Returns a string or a JSON value. What it throws becomes the tool's output, so say what to do about it. */
  run(args: ToolArguments<Parameters>, context: ToolContext): unknown;
}

export type Tool<Parameters extends ToolParameters = ToolParameters> = Required<
  ToolDefinition<Parameters>
>;

/** Types `run` after `parameters` and fills in the defaults; the file's name becomes the function's name. */
export function defineTool<const Parameters extends ToolParameters>(
  definition: ToolDefinition<Parameters>,
): Tool<Parameters> {
  return {
    ...definition,
    risk: definition.risk ?? "read",
    timeout: definition.timeout ?? 30_000,
    maxOutput: definition.maxOutput ?? 32_000,
    secrets: definition.secrets ?? [],
    settings: definition.settings ?? [],
    run: (args, context) => definition.run(args, context),
  };
}
