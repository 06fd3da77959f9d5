// Tells the page around a frame how high its content is; see embed.js.
"use strict";
const tell = () => parent.postMessage({ parvis: "height", height: Math.ceil(document.documentElement.getBoundingClientRect().height) }, "*");
new ResizeObserver(tell).observe(document.documentElement);
