import { avatar, displayName, el, icon } from "./dom.js";
import { menus } from "./lazy.js";
import { store } from "./store.js";

const people = (bot) => [...store.guild.users.values()].filter((user) => Boolean(user.bot) === bot);

export const face = (
	user,
	detail = user.role ?? "Member",
) => [
	avatar(user),
	el("span.stack", el("strong", displayName(user), user.bot && el("span.badge", "APP")), el("span.muted", detail)),
];

class UserMenu extends HTMLElement {
	connectedCallback() {
		const button = el("button.me.face", {
			"aria-haspopup": "menu",
			"aria-expanded": "false",
			click: () => menus(({ openPeople }) => openPeople(button)),
		});
		this.append(button);
		store.on(
			"reset channel channels",
			() =>
				button.replaceChildren(
					el("span.unseen", "You are "),
					...face(store.guild.users.get(store.me.id) ?? store.me),
					el("span.unseen", " Switch who you are"),
					icon("switch"),
				),
		);
	}
}
customElements.define("user-menu", UserMenu);

class MemberList extends HTMLElement {
	connectedCallback() {
		this.role = "complementary";
		this.ariaLabel = "Members";
		store.on(
			"reset bot channel channels",
			() => this.replaceChildren(...this.#group("App", people(true)), ...this.#group("Members", people(false))),
		);
	}

	#group(title, users) {
		return [el("h2.small-title", `${title} · ${users.length}`), el("ul", users.map((user) => this.#row(user)))];
	}

	#row(user) {
		const away = user.id === store.bot.id && !store.bot.online;
		const open = ({ currentTarget: button }) =>
			menus(({ openUserMenu }) => openUserMenu(user, button.getBoundingClientRect(), button));
		const menu = (event) => (event.preventDefault(), open(event));
		return el(
			"li",
			{ class: away && "away" },
			el(
				"button.face",
				{ "aria-haspopup": "menu", "aria-expanded": "false", click: open, contextmenu: menu },
				face(user, user.bot ? (away ? "Offline" : "Online") : undefined),
			),
		);
	}
}
customElements.define("member-list", MemberList);
