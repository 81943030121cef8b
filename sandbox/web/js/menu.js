import { el, icon } from "./dom.js";
import { place } from "./listbox.js";

let shut = null;

export const closeMenu = () => shut?.();

/**
 * Open a menu at a rectangle. An item is {label, icon, danger, run}, {title} for a heading, or {checked} for one of
 * several states; falsy items are left out. Arrow keys move, letters jump, Escape and a click elsewhere close it;
 * the focus returns to where it was. An `opener` button shows whether its menu is open, and closes it again.
 */
export function openMenu(label, items, rectangle, opener = null) {
	const again = opener?.ariaExpanded === "true";
	closeMenu();
	if (again) return;
	const before = document.activeElement;
	const end = new AbortController();
	const close = (refocus = true) => {
		shut = null;
		end.abort();
		menu.remove();
		if (opener) opener.ariaExpanded = "false";
		if (refocus) before?.focus?.({ preventScroll: true });
	};
	const choose = ({ run }) => () => (close(), run());
	const draw = (item) =>
		el(
			`button.menu-item${item.danger ? ".risky" : ""}`,
			{
				role: item.checked === undefined ? "menuitem" : "menuitemradio",
				"aria-checked": item.checked?.toString(),
				tabindex: "-1",
				click: choose(item),
			},
			el("span.face", item.label),
			item.icon && icon(item.icon),
		);
	const menu = el(
		"div.popup.menu-list",
		{
			role: "menu",
			"aria-label": label,
			popover: "manual",
			keydown: (event) => moveIn(menu, event, close),
			contextmenu: (event) => event.preventDefault(),
			focusout: ({ relatedTarget }) =>
				relatedTarget && shut && !menu.contains(relatedTarget) && relatedTarget !== opener && close(false),
		},
		items.filter(Boolean).map((
			item,
		) => (item.title ? el("p.small-title", { role: "presentation" }, item.title) : draw(item))),
	);
	(document.querySelector("dialog[open]") ?? document.querySelector("main")).append(menu);
	menu.showPopover();
	place(menu, rectangle);
	shut = close;
	if (opener) opener.ariaExpanded = "true";
	const outside = ({ target }) => menu.contains(target) || opener?.contains(target) || close(false);
	addEventListener("pointerdown", outside, { capture: true, signal: end.signal });
	addEventListener("resize", () => close(), { signal: end.signal });
	(menu.querySelector("[aria-checked=true]") ?? menu.querySelector("button"))?.focus();
}

function moveIn(menu, event, close) {
	const items = [...menu.querySelectorAll("button")];
	const at = items.indexOf(document.activeElement);
	const step = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
	const letter = event.key.length === 1 ? event.key.toLowerCase() : " ";
	event.stopPropagation();
	if (event.key === "Escape" || event.key === "Tab") close();
	else if (step !== undefined) items.at(step % items.length).focus();
	else if (letter !== " ") {
		[...items.slice(at + 1), ...items].find((item) => item.textContent.trim().toLowerCase().startsWith(letter))
			?.focus();
	} else return;
	event.preventDefault();
}
