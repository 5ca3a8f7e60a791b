// Attacks one address in every way that a web page can. Each attempt resolves to true if the page
// learned anything from the response, and to false if the browser or the server prevented it.
const PATIENCE_MS = 3000;
const ENCODINGS = ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"];

const settled = (start) => new Promise((resolve) => {
  setTimeout(() => resolve(false), PATIENCE_MS);
  start(() => resolve(true), () => resolve(false));
});

const element = (name, attributes) => settled((read, refused) => {
  const tag = Object.assign(document.createElement(name), attributes);
  tag.onload = tag.onloadeddata = read;
  tag.onerror = refused;
  document.body.append(tag);
});

const promised = (promise) => Promise.race([
  promise.then(() => true, () => false),
  new Promise((resolve) => setTimeout(() => resolve(false), PATIENCE_MS)),
]);

const canInspect = (other) => {
  if (!other || other.closed) return false;
  try {
    return other.length > 0 || other.document.body.innerText !== "";
  } catch {
    return false;
  }
};

const framed = (name, attributes) => settled((read, refused) => {
  const tag = Object.assign(document.createElement(name), attributes);
  tag.onload = () => (canInspect(tag.contentWindow) ? read() : refused());
  tag.onerror = refused;
  document.body.append(tag);
});

const form = (url, fields, encoding) => settled((read, refused) => {
  const name = `frame-${Math.random()}`;
  const frame = Object.assign(document.createElement("iframe"), { name });
  document.body.append(frame);
  const sent = Object.assign(document.createElement("form"), {
    action: url, method: "post", enctype: encoding, target: name,
  });
  for (const [key, value] of Object.entries(fields)) {
    sent.append(Object.assign(document.createElement("input"), { name: key, value }));
  }
  document.body.append(sent);
  frame.onload = () => (canInspect(frame.contentWindow) ? read() : refused());
  sent.submit();
});

const socket = (Kind, url) => settled((read, refused) => {
  const channel = new Kind(url);
  channel.onopen = channel.onmessage = read;
  channel.onerror = channel.onclose = refused;
});

const readable = (url, options) => promised(fetch(url, options).then(async (response) => {
  if (response.type === "opaque") throw new Error("opaque");
  return response.text();
}));

const ATTACKS = {
  image: (url) => element("img", { src: url }),
  script: (url) => element("script", { src: url }),
  module: (url) => promised(import(url)),
  stylesheet: (url) => element("link", { rel: "stylesheet", href: url }),
  prefetch: (url) => element("link", { rel: "prefetch", href: url }),
  font: (url) => promised(new FontFace("stolen", `url("${url}")`).load()),
  video: (url) => element("video", { src: url, preload: "auto" }),
  frame: (url) => framed("iframe", { src: url }),
  object: (url) => framed("object", { data: url }),
  "opaque fetch": (url) => readable(url, { mode: "no-cors", credentials: "include" }),
  "opaque post": (url, fields, body) =>
    readable(url, { mode: "no-cors", method: "POST", body, credentials: "include" }),
  fetch: (url) => readable(url, { credentials: "include" }),
  post: (url, fields, body) => readable(url, {
    method: "POST", body, credentials: "include", headers: { "content-type": "application/json" },
  }),
  put: (url, fields, body) => readable(url, { method: "PUT", body }),
  delete: (url) => readable(url, { method: "DELETE" }),
  beacon: async (url, fields, body) => navigator.sendBeacon(url, body) && false,
  websocket: (url) => socket(WebSocket, url.replace(/^http/, "ws")),
  "event source": (url) => socket(EventSource, url),
  ...Object.fromEntries(ENCODINGS.map((encoding) =>
    [`form ${encoding}`, (url, fields) => form(url, fields, encoding)])),
};

// Returns the names of the attempts that read something, and how many attempts there were.
async function attack({ url, fields, body }) {
  const results = await Promise.all(Object.entries(ATTACKS).map(
    async ([name, attempt]) => [name, await attempt(url, fields, body)]));
  return { tried: results.length, read: results.filter(([, read]) => read).map(([name]) => name) };
}

// Returns whether a page in another tab can be inspected once the browser has loaded it.
const openTab = (url) => { window.tab = window.open(url, `tab-${Math.random()}`); };
const canInspectTab = () => canInspect(window.tab);
