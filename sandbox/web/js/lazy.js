import { el } from "./dom.js";
import { store } from "./store.js";

const parts = [];
const keys = [];
let coming = 0;

/**
 * Make a part of the page that is loaded when first needed. Call it with a function of its module,
 * which runs immediately if it is loaded. Keys pressed meanwhile are replayed into what opens; `quiet`
 * is for parts that take no keys.
 */
function lazy(load) {
	let module = null;
	const part = async (run, quiet = false) => {
		if (module) return run(module);
		if (!quiet) hold(1);
		try {
			module = await load();
			return run(module);
		} catch (problem) {
			if (module) throw problem;
			return store.say("problem", {
				text: "A part of the page could not be loaded. Is the sandbox running? Then load the page again.",
			});
		} finally {
			if (!quiet) hold(-1);
		}
	};
	parts.push(part);
	return part;
}

const sheet = (name) =>
	new Promise((load, error) =>
		document.head.append(el("link", { rel: "stylesheet", href: `/web/${name}.css`, load, error }))
	);

export const actions = lazy(() => import("./interact.js"));
export const commandForm = lazy(() => import("./palette.js"));
export const embeds = lazy(() => import("./embeds.js"));
export const emojis = lazy(async () => (await sheet("emoji"), import("./emoji.js")));
export const lightbox = lazy(async () => (await sheet("lightbox"), import("./lightbox.js")));
export const menus = lazy(() => import("./message_menu.js"));
export const modals = lazy(async () => (await sheet("modal"), import("./modal.js")));
export const panel = lazy(async () => (await sheet("panel"), import("./panel.js")));
export const selects = lazy(() => import("./selects.js"));

/** Load all of them at a visitor's first action, before any is needed. */
const warm = () => parts.forEach((part) => part(() => {}, true));
for (const sign of ["pointermove", "pointerdown", "keydown"]) {
	addEventListener(sign, warm, { once: true, capture: true });
}

function hold(by) {
	coming += by;
	if (coming) return addEventListener("keydown", keep, true);
	removeEventListener("keydown", keep, true);
	while (keys.length && !coming) retype(keys.shift());
}

/** Text goes to the part's field until a key that may do something else. */
function keep(event) {
	const { key, target } = event;
	const text = key === "Backspace" || (key.length === 1 && key !== " ");
	if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || key === "Shift") return;
	if (text && !keys.length && target.matches("input, textarea")) return;
	event.preventDefault();
	event.stopImmediatePropagation();
	keys.push(event);
}

/** Replay a stored key; a browser's own action for a key must be done here too. */
function retype(event) {
	const { key, shiftKey } = event;
	const target = document.activeElement;
	if (!target.dispatchEvent(new KeyboardEvent("keydown", event))) return;
	if (key === "Tab") {
		const within = document.querySelector("dialog[open]") ?? document;
		const stops = [...within.querySelectorAll("a, button, input, textarea, [tabindex]")].filter((node) =>
			node.tabIndex >= 0 && !node.disabled && node.checkVisibility()
		);
		stops.at((stops.indexOf(target) + (shiftKey ? -1 : 1)) % stops.length)?.focus();
	} else if (target.matches("button, [type=radio], [type=checkbox]")) [" ", "Enter"].includes(key) && target.click();
	else if (key === "Backspace") document.execCommand("delete");
	else if (key.length === 1) document.execCommand("insertText", false, key);
}
