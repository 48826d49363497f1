// Makes an open page live: it hears that something has changed and takes the server's own HTML for it.
// Without this file everything works; a reload does the same.
"use strict";
(() => {
  let fresh = document.getElementById("fresh");
  const light = document.getElementById("live");
  const clock = document.getElementById("clock");
  let base = Date.parse(document.body.dataset.now), at = performance.now();
  const now = () => base + performance.now() - at;
  const pad = (number) => String(number).padStart(2, "0");

  // The two largest units, as everywhere else in tagdrift.
  const span = (milliseconds) => {
    const seconds = Math.max(Math.floor(milliseconds / 1000), 0);
    const minutes = Math.floor(seconds / 60), hours = Math.floor(minutes / 60);
    if (seconds < 60) return `${seconds} s`;
    if (minutes < 60) return `${minutes} min`;
    if (hours < 48) return `${hours} h ${pad(minutes % 60)} min`;
    return `${Math.floor(hours / 24)} d ${hours % 24} h`;
  };

  const tell = () => {
    const instant = now();
    const stamp = new Date(instant).toISOString();
    clock.textContent = `${stamp.slice(0, 10)} ${stamp.slice(11, 19)} UTC`;
    for (const time of document.querySelectorAll("time[data-rel]")) {
      const then = Date.parse(time.dateTime);
      const kind = time.dataset.rel;
      if (kind === "in") time.textContent = then > instant ? `in ${span(then - instant)}` : "now";
      else time.textContent = span(instant - then) + (kind === "ago" ? " ago" : "");
    }
  };

  let under_way = null;
  const take = async (address) => {
    if (under_way) under_way.abort();
    const mine = under_way = new AbortController();
    try {
      const answer = await fetch(address, { signal: mine.signal, credentials: "same-origin", headers: { Accept: "text/html" } });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const next = page.getElementById("fresh");
      if (!next || !fresh) return;
      base = Date.parse(page.body.dataset.now);
      at = performance.now();
      document.title = page.title;
      exchange(next);
      tell();
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    } finally {
      if (under_way === mine) under_way = null;
    }
  };

  // Whoever is typing, or has a form half filled in, keeps it.
  const exchange = (next) => {
    const active = document.activeElement;
    const is_filter = active && active.matches && active.matches("[data-filter]");
    if (active && fresh.contains(active) && active.matches("input, select, textarea") && !is_filter) return;
    const kept = is_filter ? { name: active.name, from: active.selectionStart, value: active.value } : null;
    const link = active && fresh.contains(active) && active.matches("a[href]") ? active.getAttribute("href") : null;
    document.adoptNode(next);
    fresh.replaceWith(next);
    fresh = next;
    listen_to_filter();
    if (kept) {
      const field = fresh.querySelector(`[name="${kept.name}"]`);
      field.value = kept.value;
      field.focus();
      if (field.setSelectionRange && field.type === "search") field.setSelectionRange(kept.from, kept.from);
    } else if (link) {
      const same = fresh.querySelector(`a[href="${CSS.escape(link)}"]`);
      if (same) same.focus();
    }
  };

  let waiting = 0;
  const listen_to_filter = () => {
    const form = document.querySelector("form.filter");
    if (!form) return;
    form.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        const query = new URLSearchParams(new FormData(form));
        for (const [name, value] of [...query]) if (!value) query.delete(name);
        const address = query.size ? `/?${query}` : "/";
        history.replaceState(null, "", address);
        take(address);
      }, 200);
    });
  };

  const hear = () => {
    if (!window.EventSource || !fresh) return;
    const events = new EventSource("/events");
    events.addEventListener("picture", (event) => {
      light.className = "live on";
      if (fresh.dataset.digest !== event.data) take(location.href);
    });
    events.onerror = () => { light.className = "live off"; };
  };

  listen_to_filter();
  setInterval(tell, 1000);
  hear();
  // What is not in the digest, the instants of looks, is taken in passing.
  setInterval(() => { if (fresh && !document.hidden) take(location.href); }, 20000);
})();
