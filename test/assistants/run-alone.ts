/** A program: the Assistants server as a process of its own, for tests that kill it. Prints its base URL. */
import { startAssistants } from "../../src/assistants/alone.ts";
import { readConfig } from "../../src/config.ts";
import { createLog } from "../../src/log.ts";

const config = readConfig(process.env);
const { baseURL } = await startAssistants(config, createLog(config.logLevel));
process.stdout.write(`${baseURL}\n`);
