"use strict";
// Shows what has changed while a page is open; without it, a page is as it was when it was loaded.
{
  const page = () => document.querySelector("main");
  const seconds = () => Number(page().dataset.live || 0);
  const look = async () => {
    try {
      const answer = await fetch(location.href, { credentials: "same-origin" });
      const text = await answer.text();
      const found = new DOMParser().parseFromString(text, "text/html");
      const fresh = found.querySelector("main");
      if (fresh && found.title !== document.title) {
        location.reload();
        return;
      }
      if (!document.hidden && fresh && fresh.outerHTML !== page().outerHTML) {
        const place = document.activeElement && document.activeElement.getAttribute("href");
        page().replaceWith(document.adoptNode(fresh));
        const again = place && page().querySelector(`a[href="${CSS.escape(place)}"]`);
        if (again) again.focus({ preventScroll: true });
      }
    } catch {
      // The next look may succeed.
    }
    if (seconds()) setTimeout(look, seconds() * 1000);
  };
  if (seconds()) setTimeout(look, seconds() * 1000);
}
