import { Ajv2020 } from "ajv/dist/2020.js";
import { z } from "zod";

import type {
  JsonSchema,
  StandardSchema,
  ToolParameters,
  Validation,
  ValidationIssue,
} from "./define.ts";

export interface Parameters {
  /** What the model is told. */
  readonly schema: JsonSchema;
  /** The arguments as `run` gets them, or what is wrong with them in one line. */
  check(args: unknown): Promise<{ readonly args: unknown } | { readonly problem: string }>;
}

/** Parameters that cannot be offered to a model. The message says what to change. */
export class UnusableParameters extends Error {
  override readonly name = "UnusableParameters";
}

export function readParameters(parameters: ToolParameters): Parameters {
  const { schema, validate } = isStandard(parameters)
    ? fromStandard(parameters)
    : fromJsonSchema(parameters);
  if (schema["type"] !== "object")
    throw new UnusableParameters(
      '`parameters` must describe an object: z.object({ … }), or { type: "object", … }.',
    );
  return {
    schema,
    async check(args) {
      const result = await validate(args);
      return result.issues === undefined
        ? { args: result.value }
        : { problem: tell(result.issues) };
    },
  };
}

interface Source {
  readonly schema: JsonSchema;
  readonly validate: (args: unknown) => Validation<unknown> | Promise<Validation<unknown>>;
}

function isStandard(parameters: ToolParameters): parameters is StandardSchema {
  return "~standard" in parameters;
}

/** The parts are looked at one by one, because a schema of another library has only some of them. */
const standard = z.object({
  jsonSchema: z.object({ input: z.custom<unknown>((value) => typeof value === "function") }),
});

function fromStandard(parameters: StandardSchema): Source {
  const properties = parameters["~standard"];
  if (!standard.safeParse(properties).success)
    throw new UnusableParameters(
      `A schema of ${properties.vendor} does not tell its JSON Schema. Use zod 4 (it needs no install), or write the JSON Schema itself.`,
    );
  try {
    const { $schema: _dialect, ...schema } = properties.jsonSchema.input({
      target: "draft-2020-12",
    });
    return { schema, validate: (args) => properties.validate(args) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UnusableParameters(
      `A model cannot be told these parameters: ${why}. Use types that JSON has, such as z.iso.datetime() for a date or z.int() for a big number.`,
      { cause: error },
    );
  }
}

function fromJsonSchema(parameters: JsonSchema): Source {
  const { $schema: _dialect, ...schema } = parameters;
  const ajv = new Ajv2020({
    allErrors: true,
    strict: false,
    validateFormats: false,
    logger: false,
    useDefaults: true,
  });
  try {
    const validate = ajv.compile(schema);
    return {
      schema,
      validate: (args) =>
        validate(args)
          ? { value: args }
          : {
              issues: (validate.errors ?? []).map(({ instancePath, message = "is not valid" }) => ({
                message,
                path: instancePath.split("/").slice(1),
              })),
            },
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UnusableParameters(`\`parameters\` is no valid JSON Schema: ${why}.`, {
      cause: error,
    });
  }
}

function tell(issues: readonly ValidationIssue[]): string {
  const told = issues.slice(0, 8).map(({ message, path = [] }) => {
    const place = path.map((step) => String(typeof step === "object" ? step.key : step)).join(".");
    return place === "" ? message : `${place}: ${message}`;
  });
  return told.join("; ");
}
