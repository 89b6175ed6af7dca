// Progressive enhancement only: every page works without this file.
// data-swap="ID"     a link or form whose answer replaces the element ID of this page
// data-confirm="…"   asks before a form is sent
// data-count         a text field that shows how many characters are left (data-count-text: "{n}")
// data-copy="TEXT"   a button that copies TEXT; says data-copied afterwards
// data-key="k"       a keyboard shortcut for a link, button or radio
"use strict";
(() => {
  const live = document.createElement("p");
  live.className = "visually-hidden";
  live.setAttribute("role", "status");
  document.body.append(live);
  const say = (text) => { live.textContent = ""; setTimeout(() => { live.textContent = text; }, 50); };

  // Takes the element `id` of the answer and puts it in the place of ours; the address follows.
  async function swap(id, url, options, push) {
    const old = document.getElementById(id);
    if (!old) return false;
    old.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(url, { ...options, headers: { "HX-Request": "true" }, credentials: "same-origin" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById(id);
      if (!fresh) return false;
      old.replaceWith(fresh);
      if (page.title) document.title = page.title;
      if (push && answer.ok) history.pushState({ swap: id }, "", answer.url);
      enhance(fresh);
      const focus = fresh.querySelector("[data-focus], .errors") || fresh;
      if (!focus.hasAttribute("tabindex")) focus.setAttribute("tabindex", "-1");
      focus.focus({ preventScroll: focus === fresh });
      return true;
    } catch {
      return false;
    } finally {
      old.removeAttribute("aria-busy");
    }
  }

  document.addEventListener("click", async (event) => {
    const copy = event.target.closest("[data-copy]");
    if (copy) {
      event.preventDefault();
      await navigator.clipboard.writeText(copy.dataset.copy);
      say(copy.dataset.copied || "");
      if (copy.dataset.copied) copy.textContent = copy.dataset.copied;
      return;
    }
    const link = event.target.closest("a[data-swap]");
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!link || !plain || link.origin !== location.origin) return;
    event.preventDefault();
    if (!(await swap(link.dataset.swap, link.href, {}, true))) location.assign(link.href);
  });

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    const question = event.submitter?.dataset.confirm || form.dataset.confirm;
    if (question && !window.confirm(question)) return event.preventDefault();
    // A second click sends nothing: the first is on its way.
    if (form.dataset.sent) return event.preventDefault();
    const again = () => { delete form.dataset.sent; };
    form.dataset.sent = "yes";
    setTimeout(again, 8000);
    if (!form.dataset.swap) return;
    event.preventDefault();
    const data = new FormData(form, event.submitter);
    const get = form.method === "get";
    const url = new URL(event.submitter?.getAttribute("formaction") || form.getAttribute("action") || location.href, location.href);
    if (get) url.search = new URLSearchParams(data).toString();
    const multipart = form.enctype === "multipart/form-data";
    const body = get ? undefined : multipart ? data : new URLSearchParams(data);
    const done = await swap(form.dataset.swap, url, { method: get ? "GET" : "POST", body }, true);
    again();
    if (!done) HTMLFormElement.prototype.submit.call(form);
  });

  addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));
  addEventListener("popstate", (event) => { if (event.state?.swap) location.reload(); });

  // Shortcuts rest while somebody types or holds a modifier.
  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("textarea, select, [contenteditable], input:not([type=radio], [type=checkbox])");
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
    if (!target) return;
    event.preventDefault();
    target.focus();
    if (!target.matches("textarea, input[type=text]")) target.click();
  });

  function enhance(root) {
    for (const field of root.querySelectorAll("[data-count]")) {
      const note = document.getElementById(`${field.id}-count`);
      if (!note) continue;
      // Counted as the server counts: by character, not by UTF-16 unit.
      const show = () => { note.textContent = field.dataset.countText.replace("{n}", Number(field.dataset.count) - [...field.value].length); };
      field.addEventListener("input", show);
      show();
    }
    for (const button of root.querySelectorAll("[data-copy], [data-print]")) button.hidden = false;
  }

  document.addEventListener("click", (event) => { if (event.target.closest("[data-print]")) print(); });
  enhance(document);
  document.querySelector(".errors")?.focus();
})();
