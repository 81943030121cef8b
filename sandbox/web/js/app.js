import "./channels.js";
import "./composer.js";
import "./list.js";
import "./people.js";
import { toggleDrawer } from "./channels.js";
import { Feed } from "./feed.js";
import { read, write } from "./memory.js";
import { store } from "./store.js";

const feed = new Feed((frame) => store.apply(frame), (state) => store.setConnection(state));

addEventListener("switch-user", ({ detail }) => {
	write("user", detail);
	feed.open(detail);
});
document.querySelector("#scrim").addEventListener("click", () => toggleDrawer(false));
addEventListener("keydown", ({ key }) => key === "Escape" && toggleDrawer(false));

feed.open(read("user", null));
