"use strict";
{
  const words = document.getElementById("words");
  const starred = document.getElementById("starred");
  const figures = [...document.querySelectorAll("figure")];
  const show = () => {
    const wanted = words.value.toLowerCase().split(/\s+/);
    let found = 0;
    for (const figure of figures) {
      const fits = wanted.every((word) => figure.dataset.words.includes(word))
        && (!starred.checked || figure.dataset.starred === "1");
      figure.hidden = !fits;
      found += Number(fits);
    }
    document.getElementById("none").hidden = found > 0 || !figures.length;
  };
  words.addEventListener("input", show);
  starred.addEventListener("change", show);
  words.form.addEventListener("submit", (event) => event.preventDefault());
}
