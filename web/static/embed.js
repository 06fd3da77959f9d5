// Gives the frames of Parvis on a page the height of their content. Without it they have
// the height that is written in their code.
"use strict";
window.addEventListener("message", (event) => {
  const { parvis, height } = event.data ?? {};
  if (parvis !== "height" || !(height > 0 && height < 20000)) return;
  for (const frame of document.querySelectorAll("iframe")) {
    if (frame.contentWindow === event.source && new URL(frame.src).origin === event.origin) frame.height = height;
  }
});
