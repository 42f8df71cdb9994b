/** By variable: the line for .env, and where its value comes from. The platforms' are the adapters' business. */
export const REMEDIES: Readonly<Record<string, string>> = {
  OPENAI_API_KEY:
    "platform.openai.com → API keys → Create new secret key; in .env: OPENAI_API_KEY=sk-…\n" +
    "Or another server: OPENAI_BASE_URL=http://…/v1 and OPENAI_MODEL=…\nOr without a model: OPENAI_MODEL=demo",
  OPENAI_BASE_URL:
    "In .env: OPENAI_BASE_URL=http://127.0.0.1:11434/v1 (the server's address, ending in /v1)",
  OPENAI_MODEL: "In .env: OPENAI_MODEL=… with the name of a model that the server has",
  MODEL_API: "In .env: MODEL_API=chat (nearly every server), or MODEL_API=responses (OpenAI)",
  ASSISTANTS_BASE_URL: "In .env: ASSISTANTS_BASE_URL=https://…/v1, or remove ASSISTANTS_API_KEY",
  DATABASE_URL:
    "In .env: DATABASE_URL=postgres://user:password@host:5432/database, or remove it for the embedded database",
  HOST: "In .env: HOST=127.0.0.1",
  PORT: "In .env: PORT=3000",
  ADMIN_TOKEN:
    "In .env: ADMIN_TOKEN=… with at least 16 characters; `openssl rand -hex 24` makes one",
};

export const MODEL_OR_LOCAL =
  "OpenAI: platform.openai.com → API keys → Create new secret key; in .env: OPENAI_API_KEY=sk-…\n" +
  "Any other server, also one on this machine such as Ollama; in .env: OPENAI_BASE_URL=http://…/v1 and OPENAI_MODEL=…";
