import { avatar, displayName, el, icon } from "./dom.js";
import { openUserMenu } from "./message_menu.js";
import { store } from "./store.js";

const humans = () => [...store.users.values()].filter((user) => !user.bot);

const face = (user, detail = user.role ?? "Member") =>
	[avatar(user), el("span.who", el("strong", displayName(user), user.bot ? el("span.badge", "APP") : null), el("span.muted", detail))];

/** Who you are, at the bottom left; the menu makes you somebody else. */
class UserMenu extends HTMLElement {
	connectedCallback() {
		this.button = el("button.me", { "aria-haspopup": "menu", "aria-expanded": "false", click: () => this.#toggle() });
		this.menu = el("div.menu", { role: "menu", "aria-label": "Switch who you are", hidden: true });
		this.append(this.menu, this.button);
		store.on("reset", () => this.#draw());
		this.addEventListener("keydown", (event) => this.#key(event));
		this.addEventListener("focusout", ({ relatedTarget }) => this.contains(relatedTarget) || this.#close());
	}

	#draw() {
		const { me } = store;
		this.button.replaceChildren(el("span.unseen", "You are "), ...face(me), el("span.unseen", " Switch who you are"), icon("switch"));
		this.menu.replaceChildren(el("p.menu-title", "Switch who you are"), ...humans().map((user) => this.#item(user)));
	}

	#item(user) {
		const me = user.id === store.me.id;
		const pick = () => (this.#close(true), me || this.dispatchEvent(new CustomEvent("switch-user", { detail: user.id, bubbles: true })));
		return el("button", { role: "menuitemradio", "aria-checked": String(me), tabindex: "-1", click: pick },
			face(user), me ? icon("check") : null);
	}

	#toggle() {
		if (!this.menu.hidden) return this.#close(true);
		this.menu.hidden = false;
		this.button.setAttribute("aria-expanded", "true");
		return this.menu.querySelector("[aria-checked=true]")?.focus();
	}

	#close(refocus = false) {
		this.menu.hidden = true;
		this.button.setAttribute("aria-expanded", "false");
		if (refocus) this.button.focus();
	}

	#key(event) {
		if (this.menu.hidden) return;
		if (event.key === "Escape") this.#close(true);
		const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
		if (event.key !== "Escape" && !step) return;
		event.preventDefault();
		event.stopPropagation();
		const items = [...this.menu.querySelectorAll("[role=menuitemradio]")];
		if (step) items.at((items.indexOf(document.activeElement) + step) % items.length).focus();
	}
}
customElements.define("user-menu", UserMenu);

/** Everybody in the guild, at the right of a wide window. */
class MemberList extends HTMLElement {
	connectedCallback() {
		this.setAttribute("role", "complementary");
		this.setAttribute("aria-label", "Members");
		store.on("reset bot channels", () => this.#draw());
	}

	#draw() {
		const bots = [...store.users.values()].filter((user) => user.bot);
		this.replaceChildren(...this.#group("App", bots), ...this.#group("Members", humans()));
	}

	#group(title, users) {
		return [el("h2", `${title} · ${users.length}`), el("ul", users.map((user) => this.#row(user)))];
	}

	#row(user) {
		const away = user.id === store.bot.id && !store.bot.online;
		const detail = user.bot ? (away ? "Offline" : "Online") : undefined;
		const open = ({ currentTarget }) => openUserMenu(user, currentTarget.getBoundingClientRect());
		const menu = (event) => (event.preventDefault(), open(event));
		return el("li", { class: away ? "away" : null }, el("button.person", { "aria-haspopup": "menu", click: open, contextmenu: menu }, face(user, detail)));
	}
}
customElements.define("member-list", MemberList);
