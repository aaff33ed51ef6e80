"use strict";
// Pages through the samples. What a model wrote is only ever set as text, never read as markup.
(() => {
  const data = document.getElementById("samples-data");
  if (!data) return;
  const samples = JSON.parse(data.textContent);
  const at = (id) => document.getElementById(id);
  const perPage = 20;
  let page = 0;

  const make = (tag, name, text) => {
    const node = document.createElement(tag);
    if (name) node.className = name;
    node.textContent = text;
    return node;
  };
  const marks = { right: ["good", "✓ right"], wrong: ["none", "✗ wrong"], graded: ["open", "graded"], unsettled: ["open", "? unsettled"] };

  const played = (item, turn) => {
    item.append(make("div", "answer", turn.action));
    if (turn.observation) item.append(make("div", "answer seen", "→ " + turn.observation));
    if (turn.reward !== null) item.append(make("div", "meta", "reward " + turn.reward));
  };

  const pictures = JSON.parse((at("pictures-data") || { textContent: "{}" }).textContent);
  const shown = (picture) => {
    const figure = make("figure", "", "");
    const uri = pictures[picture.name];
    if (uri && uri.startsWith("data:image/")) {
      const image = make("img", "", "");
      image.src = uri;
      image.alt = picture.caption;
      figure.append(image);
    }
    figure.append(make("figcaption", "meta", picture.caption));
    return figure;
  };

  const card = (sample) => {
    const [tone, word] = marks[sample.verdict] || ["open", sample.verdict];
    const item = document.createElement("li");
    const head = document.createElement("div");
    head.append(make("span", "task", sample.task), " ", make("span", "badge " + tone, word));
    if (sample.why) head.append(" ", make("span", "meta", sample.why));
    const likelihood = sample.log_likelihood === null ? "" : ", log-likelihood " + sample.log_likelihood.toFixed(2);
    item.append(head);
    if (sample.prompt && sample.prompt !== sample.task) item.append(make("div", "meta", sample.prompt));
    item.append(...(sample.pictures || []).map(shown));
    if (sample.turns.length) sample.turns.forEach((turn) => played(item, turn));
    else item.append(make("div", "answer", sample.response));
    item.append(make("div", "meta", "round " + sample.round + ", " + sample.tokens + " tokens" + likelihood));
    return item;
  };

  const chosen = () => {
    const verdict = at("verdict").value, round = at("round").value, words = at("search").value.toLowerCase();
    const text = (s) => (s.task + "\n" + s.prompt + "\n" + s.response + "\n" + s.why).toLowerCase();
    return samples.filter((s) => (!verdict || s.verdict === verdict) && (!round || String(s.round) === round) && (!words || text(s).includes(words)));
  };

  const show = () => {
    const found = chosen();
    const pages = Math.max(1, Math.ceil(found.length / perPage));
    page = Math.min(page, pages - 1);
    at("list").replaceChildren(...found.slice(page * perPage, (page + 1) * perPage).map(card));
    at("tally").textContent = found.length === 1 ? "1 sample" : found.length + " samples";
    at("page").textContent = "page " + (page + 1) + " of " + pages;
    at("earlier").disabled = page === 0;
    at("later").disabled = page + 1 === pages;
  };

  const turn = (by) => { page += by; show(); at("samples").scrollIntoView(); };
  const anew = () => { page = 0; show(); };
  at("filters").addEventListener("submit", (event) => event.preventDefault());
  ["verdict", "round"].forEach((id) => at(id).addEventListener("change", anew));
  at("search").addEventListener("input", anew);
  at("earlier").addEventListener("click", () => turn(-1));
  at("later").addEventListener("click", () => turn(1));
  show();
})();
