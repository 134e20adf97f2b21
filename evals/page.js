const filters = document.querySelectorAll("select[data-filter]");
const failures = document.querySelectorAll("details[data-suite]");
const shown = document.getElementById("shown");
const suite = document.querySelector("select[data-filter=suite]");

function apply() {
  let count = 0;
  for (const failure of failures) {
    const keep = [...filters].every((filter) => !filter.value || failure.dataset[filter.dataset.filter] === filter.value);
    failure.hidden = !keep;
    count += keep;
  }
  shown.textContent = count;
  for (const option of document.querySelectorAll("select[data-filter=type] option[data-suites]")) {
    option.hidden = Boolean(suite.value) && !option.dataset.suites.split("|").includes(suite.value);
  }
}

for (const filter of filters) filter.addEventListener("change", apply);
