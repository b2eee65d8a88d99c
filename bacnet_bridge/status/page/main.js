// The way in: finds which view this document is, and keeps it up to date.

import { Gone } from "./documents.js";
import { element, show } from "./elements.js";
import { follow } from "./live.js";
import { delivery } from "./delivery.js";
import { devices } from "./devices.js";
import { mapping } from "./mapping.js";
import { meter } from "./meter.js";
import { meters } from "./meters.js";
import { overview } from "./overview.js";

const views = { delivery, devices, mapping, meter, meters, overview };
const main = document.querySelector("main");
const view = views[main.dataset.view];

follow(async () => {
  try {
    show(main, await view(main.dataset.meter));
  } catch (error) {
    if (!(error instanceof Gone)) throw error;
    show(main, [element("h1", {}, "There is nothing here"), element("p", {}, error.message)]);
  }
  main.removeAttribute("aria-busy");
});
