"use strict";
// Refreshes the page while a generation is running; without it, the page stays as loaded.
{
  const page = () => document.querySelector("main");
  const seconds = () => Number(page().dataset.live || 0);
  const refresh = async () => {
    try {
      const response = await fetch(location.href, { credentials: "same-origin" });
      const text = await response.text();
      const parsed = new DOMParser().parseFromString(text, "text/html");
      const fresh = parsed.querySelector("main");
      if (fresh && parsed.title !== document.title) {
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
      // The next refresh may succeed.
    }
    if (seconds()) setTimeout(refresh, seconds() * 1000);
  };
  if (seconds()) setTimeout(refresh, seconds() * 1000);
}
