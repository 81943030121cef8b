import { el, icon } from "./dom.js";

const EDGE = 8; // CSS pixels kept free between a pop-up and the window's edge

/** Put a pop-up beside a rectangle: below it if there is room, else above; always inside the window. */
export function place(popup, { left, top, bottom, width = 0 }, { align = "left" } = {}) {
	const { offsetWidth: w, offsetHeight: h } = popup;
	const x = align === "right" ? left + width - w : left;
	const y = bottom + h + EDGE <= innerHeight || top - h < EDGE ? bottom : top - h;
	popup.style.left = `${Math.max(EDGE, Math.min(x, innerWidth - w - EDGE))}px`;
	popup.style.top = `${Math.max(EDGE, Math.min(y, innerHeight - h - EDGE))}px`;
}

let open = null;

export const closeMenu = () => open?.();

/**
 * Open a menu at a rectangle. An item is {label, icon, danger, run}, or {title} for a heading. Arrow keys move, letters
 * jump, Escape and a click elsewhere close it; the focus goes back to where it was.
 */
export function openMenu(label, items, rectangle) {
	closeMenu();
	const before = document.activeElement;
	const menu = el("div.popup.menu-list", { role: "menu", "aria-label": label, popover: "manual" });
	const close = (refocus = true) => {
		if (open !== dismiss) return;
		open = null;
		menu.remove();
		removeEventListener("pointerdown", outside, true);
		removeEventListener("resize", dismiss);
		if (refocus) before?.focus?.({ preventScroll: true });
	};
	const dismiss = () => close();
	const outside = ({ target }) => menu.contains(target) || close(false);
	menu.append(...grouped(items, (item) => el("button.menu-item", {
		role: "menuitem", tabindex: "-1", class: item.danger ? "menu-item risky" : "menu-item", click: () => (close(), item.run()),
	}, el("span", item.label), icon(item.icon))));
	menu.addEventListener("keydown", (event) => moveIn(menu, event, close));
	menu.addEventListener("focusout", ({ relatedTarget }) => relatedTarget && !menu.contains(relatedTarget) && close(false));
	menu.addEventListener("contextmenu", (event) => event.preventDefault());
	(document.querySelector("dialog[open]") ?? document.querySelector("main")).append(menu);
	menu.showPopover();
	place(menu, rectangle);
	open = dismiss;
	addEventListener("pointerdown", outside, true);
	addEventListener("resize", dismiss);
	menu.querySelector("[role=menuitem]")?.focus();
}

function grouped(items, draw) {
	return items.filter(Boolean).map((item) => (item.title ? el("p.menu-title", { role: "presentation" }, item.title) : draw(item)));
}

function moveIn(menu, event, close) {
	const items = [...menu.querySelectorAll("[role=menuitem]")];
	const at = items.indexOf(document.activeElement);
	const step = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
	const letter = event.key.length === 1 ? event.key.toLowerCase() : null;
	event.stopPropagation();
	if (event.key === "Escape" || event.key === "Tab") close();
	else if (step !== undefined) items.at(step % items.length).focus();
	else if (letter && letter !== " ") {
		const order = [...items.slice(at + 1), ...items.slice(0, at + 1)];
		order.find((item) => item.textContent.trim().toLowerCase().startsWith(letter))?.focus();
	} else return;
	event.preventDefault();
}
