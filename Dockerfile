# Debian, because the pinned packages bring glibc binaries. Node runs the TypeScript as it is: there is no build step.
FROM node:26-bookworm-slim

ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/data
WORKDIR /app

# The image's own Node is used, so the one that npm pins (an optional dependency) is left out.
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts && npm cache clean --force

COPY LICENSE manifest.yml ./
COPY src ./src
COPY adapters ./adapters
COPY tools ./tools
COPY simulator ./simulator

RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]

# Node itself, not npm, so that signals reach it.
ENTRYPOINT ["node", "src/main.ts"]
