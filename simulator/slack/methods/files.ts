import { fileObject } from "../payloads.ts";
import { Refusal } from "../refusal.ts";
import type { SlackFile } from "../world.ts";
import { checkThread, type Context, type Handlers, joinedChannelOf } from "./context.ts";

export const files: Handlers<
  "files.completeUploadExternal" | "files.getUploadURLExternal" | "files.info"
> = {
  "files.getUploadURLExternal"(args, { world, base }) {
    if (args.length <= 0) throw new Refusal("invalid_arguments");
    const file_id = world.nextId("F");
    world.uploads.set(file_id, { name: args.filename, length: args.length });
    return { file_id, upload_url: `${base}/upload/v1/${file_id}` };
  },
  "files.completeUploadExternal"(args, context) {
    const done = args.files.map(({ id, title }) => complete(context, id, title));
    if (args.channel_id !== undefined) {
      const channel = joinedChannelOf(context, args.channel_id);
      checkThread(context, channel.id, args.thread_ts);
      context.traffic.post({
        channel: channel.id,
        user: context.world.bot.user_id,
        text: args.initial_comment ?? "",
        subtype: "file_share",
        files: done,
        ...(args.thread_ts !== undefined && { thread_ts: args.thread_ts }),
      });
    }
    return { files: done.map((file) => fileObject(context.base, file)) };
  },
  "files.info"(args, { world, base }) {
    const file = world.files.get(args.file);
    if (file === undefined) throw new Refusal("file_not_found");
    return { file: fileObject(base, file) };
  },
};

function complete({ world }: Context, id: string, title: string | undefined): SlackFile {
  const upload = world.uploads.get(id);
  if (upload?.content === undefined) throw new Refusal("file_not_found");
  if (upload.content.length !== upload.length) throw new Refusal("file_upload_size_mismatch");
  const file: SlackFile = {
    id,
    name: upload.name,
    title: title ?? upload.name,
    mimetype: "application/octet-stream",
    user: world.bot.user_id,
    created: Math.floor(Date.now() / 1000),
    content: upload.content,
  };
  world.uploads.delete(id);
  world.files.set(id, file);
  return file;
}
