// Before anything is drawn: the theme the visitor chose here, else the one their system prefers.
"use strict";

function keptTheme() {
  try {
    return localStorage.getItem("theme");
  } catch {
    return null; // storage refused: the system decides
  }
}

const darkPreferred = matchMedia("(prefers-color-scheme: dark)");

function applyTheme() {
  const dark = keptTheme() ? keptTheme() === "dark" : darkPreferred.matches;
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}

applyTheme();
darkPreferred.addEventListener("change", applyTheme);
