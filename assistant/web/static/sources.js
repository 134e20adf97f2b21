// The page of a source: an address that carries an excerpt opens at it.
"use strict";

const excerpt = document.getElementById("extrait");
if (excerpt && !location.hash) {
  excerpt.scrollIntoView({ block: "center" });
}
