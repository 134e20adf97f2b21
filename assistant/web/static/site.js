// What every page does in the browser: the theme button, and definitions shown on the terms of the glossary.
"use strict";

function showTheme(button) {
  const dark = document.documentElement.dataset.theme === "dark";
  button.setAttribute("aria-pressed", String(dark));
}

function changeTheme(button) {
  const theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  try {
    localStorage.setItem("theme", theme);
  } catch {
    // Storage refused: the choice lasts as long as the page.
  }
  document.documentElement.dataset.theme = theme;
  showTheme(button);
}

const themeButton = document.getElementById("theme");
if (themeButton) {
  themeButton.hidden = false;
  showTheme(themeButton);
  themeButton.addEventListener("click", () => changeTheme(themeButton));
}
