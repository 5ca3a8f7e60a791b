"use strict";
// Keyboard shortcuts, highlighted requirements and undo. The page works without this script.
{
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const drafts = all(".draft");
  const keys = document.getElementById("keys");
  const lesson = document.querySelector(".lesson details");
  const undoStack = [];
  let isUndoing = false;

  // A sandboxed frame runs no script, so its address alone selects what is highlighted.
  const show = (name, mark) => {
    const frame = document.getElementsByName(name)[0];
    if (frame) frame.contentWindow.location.replace(`about:srcdoc#${mark}`);
  };

  for (const item of all("[data-frame]")) {
    const { frame, mark, test } = item.dataset;
    const place = test && document.getElementById(test);
    const highlight = (isOn) => {
      item.classList.toggle("highlighted", isOn);
      if (place) place.classList.toggle("highlighted", isOn);
      if (mark) show(frame, isOn ? mark : "none");
    };
    item.addEventListener("pointerenter", () => highlight(true));
    item.addEventListener("pointerleave", () => highlight(item.contains(document.activeElement)));
    item.addEventListener("focusin", () => highlight(true));
    item.addEventListener("focusout", () => highlight(false));
    item.addEventListener("click", (event) => {
      if (event.target.closest("a.quote")) event.preventDefault();
    });
  }

  const currentIndex = () => {
    const inside = document.activeElement && document.activeElement.closest(".draft");
    if (inside) return drafts.indexOf(inside);
    return drafts.findIndex((draft) => draft.getBoundingClientRect().bottom > 120);
  };
  const moveBy = (offset) => {
    const isInside = document.activeElement && document.activeElement.closest(".draft");
    const index = isInside ? currentIndex() + offset : Math.max(0, currentIndex() + (offset < 0 ? -1 : 0));
    const next = drafts[Math.min(Math.max(index, 0), drafts.length - 1)];
    if (next) {
      next.focus({ preventScroll: true });
      next.scrollIntoView({ block: "start" });
    }
  };

  const opposite = (box) => {
    const name = box.name === "approve" ? "reject" : "approve";
    return box.closest(".draft").querySelector(`input[name=${name}]`);
  };
  const set = (box, isOn) => {
    if (!box || box.checked === isOn) return;
    box.checked = isOn;
    box.dispatchEvent(new Event("change", { bubbles: true }));
  };
  document.addEventListener("change", ({ target }) => {
    if (!target.matches(".draft .choice input")) return;
    const rival = target.checked && opposite(target);
    const wasOn = Boolean(rival && rival.checked);
    if (wasOn) rival.checked = false;
    if (!isUndoing) undoStack.push({ box: target, rival: wasOn ? rival : null });
  });
  const undo = () => {
    const last = undoStack.pop();
    if (!last) return;
    isUndoing = true;
    set(last.box, !last.box.checked);
    if (last.rival) set(last.rival, true);
    isUndoing = false;
    last.box.closest(".draft").focus();
  };
  const choose = (name) => {
    const draft = drafts[currentIndex()];
    const box = draft && draft.querySelector(`input[name=${name}]`);
    if (!box) return;
    set(box, !box.checked);
    const reason = draft.querySelector(".reason textarea");
    if (name === "reject" && box.checked && reason) reason.focus();
    else draft.focus({ preventScroll: true });
  };
  const edit = () => {
    const draft = drafts[currentIndex()];
    const opener = draft && draft.querySelector(".edit-open");
    if (opener) opener.click();
  };
  const toggleDetails = () => {
    const draft = drafts[currentIndex()];
    const sections = draft ? all(".parts details, .evidence details", draft) : [];
    const isOpen = sections.some((section) => !section.open);
    for (const section of sections) section.open = isOpen;
  };
  const decide = () => {
    const place = document.getElementById("decision");
    if (place) place.querySelector("input").focus();
  };
  const actions = {
    j: () => moveBy(1),
    k: () => moveBy(-1),
    a: () => choose("approve"),
    r: () => choose("reject"),
    e: edit,
    u: undo,
    d: decide,
    o: toggleDetails,
    l: () => lesson && (lesson.open = !lesson.open),
    "?": () => keys.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.matches("textarea, select, input:not([type=checkbox], [type=radio])");
    if (event.target.matches(".reason textarea") && event.key === "Escape") {
      event.target.closest(".draft").focus();
    }
    const isOff = document.getElementById("keys-off").checked && event.key !== "?";
    if (isOff || isTyping || keys.open || event.ctrlKey || event.metaKey || event.altKey) return;
    const action = Object.hasOwn(actions, event.key) && actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });

  for (const opener of all(".keys-open")) {
    opener.hidden = false;
    opener.addEventListener("click", () => keys.showModal());
  }
  keys.querySelector(".keys-close").addEventListener("click", () => keys.close());
  if (lesson && window.matchMedia("(max-width: 74.99rem)").matches) lesson.open = false;
}
