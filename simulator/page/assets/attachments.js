import { byId, fileSize, h } from "./dom.js";

/** The files that go with the next message: chosen, or pasted into the text. */
export function createAttachments({ text }) {
  const list = byId("attached");
  let files = [];

  const set = (now) => {
    files = now;
    list.hidden = files.length === 0;
    list.replaceChildren(
      ...files.map((file) => entry(file, () => set(files.filter((one) => one !== file)))),
    );
  };
  const add = (more) => {
    if (more.length === 0) return;
    set([...files, ...more]);
    text.focus();
  };
  text.addEventListener("paste", (event) => add([...event.clipboardData.files]));
  byId("files").addEventListener("change", ({ target }) => {
    add([...target.files]);
    // The same file can be chosen again.
    target.value = "";
  });

  return {
    get empty() {
      return files.length === 0;
    },
    clear: () => set([]),
    encode: () => Promise.all(files.map(encode)),
  };
}

function entry(file, leaveOut) {
  return h(
    "li",
    {},
    `${file.name} (${fileSize(file.size)}) `,
    h("button", { type: "button", "aria-label": `Leave out ${file.name}`, onclick: leaveOut }, "✕"),
  );
}

async function encode(file) {
  const url = await new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(reader.result));
    reader.addEventListener("error", () => reject(new Error(`${file.name} cannot be read.`)));
    reader.readAsDataURL(file);
  });
  return {
    name: file.name,
    type: file.type === "" ? "application/octet-stream" : file.type,
    content: url.slice(url.indexOf(",") + 1),
  };
}
