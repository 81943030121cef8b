import { deleteMessage, request } from "./api.js";
import { displayName, el, icon, round } from "./dom.js";
import { sendMenuCommand } from "./interact.js";
import { emojis, modals } from "./lazy.js";
import { openMenu } from "./menu.js";
import { face } from "./people.js";
import { CAN, EPHEMERAL, store } from "./store.js";

export { closeMenu } from "./menu.js";

const MESSAGE_COMMAND = 3; // command types, as in Discord's reference
const USER_COMMAND = 2;
const THREADED = [0, 5]; // channel types, as there: text and announcements

const isNote = ({ flags }) => flags & EPHEMERAL;
const mayReact = (message) => !isNote(message) && store.may(CAN.react);
const mayReply = (message) => !isNote(message) && store.may(CAN.send);
const mayThread = (message) =>
	!isNote(message) && !message.thread && store.may(CAN.thread) &&
	THREADED.includes(store.channels.get(message.channel_id)?.type);
const mayDelete = (message) => message.author.id === store.me.id || store.may(CAN.manage);

const composer = () => document.querySelector("chat-composer");
/** A message's URL, which this page can open. */
const linkTo = (message) => `${location.origin}/#${store.guild.id}/${message.channel_id}/${message.id}`;

export const reply = (message) => mayReply(message) && composer().reply(message);

export function pickReaction(host, message, rectangle) {
	if (mayReact(message)) {
		emojis(({ openEmoji, react }) => openEmoji(rectangle, (emoji) => react(host, message, emoji, true)));
	}
}

export function openMessageMenu(host, { clientX = 0, clientY = 0 } = {}) {
	const { message } = host;
	const { left, top: above } = host.getBoundingClientRect();
	const top = Math.max(above, 60);
	const rectangle = clientX || clientY
		? { left: clientX, top: clientY, bottom: clientY }
		: { left: left + 60, top, bottom: top + 20 };
	const fail = (problem) => host.note(problem.message);
	const remove = () => deleteMessage(message.id).catch(fail);
	const note = isNote(message);
	const copy = (text) =>
		navigator.clipboard.writeText(text).catch(() => host.note("The browser does not let this page copy."));
	openMenu("Message", [
		mayReact(message) && { label: "Add reaction", icon: "smile", run: () => pickReaction(host, message, rectangle) },
		mayReply(message) && { label: "Reply", icon: "reply", run: () => reply(message) },
		mayThread(message) && { label: "Create thread", icon: "thread", run: () => askThread(message) },
		...(note ? [] : apps(MESSAGE_COMMAND, message.id, fail)),
		{ title: "Message" },
		message.content && { label: "Copy text", icon: "copy", run: () => copy(message.content) },
		!note && { label: "Copy message link", icon: "link", run: () => copy(linkTo(message)) },
		note && { label: "Dismiss message", icon: "close", run: remove },
		!note && mayDelete(message) && { label: "Delete message", icon: "trash", danger: true, run: remove },
	], rectangle);
}

/** Open the menu to become somebody else; people outside the open guild are last. */
export async function openPeople(button) {
	const { people } = await request("GET", `people?guild=${store.guildId}`).catch(({ message: text }) =>
		store.say("problem", { text }) ?? { people: [] }
	);
	const items = people.map((user) => {
		const checked = user.id === store.me.id;
		const become = () => checked || dispatchEvent(new CustomEvent("switch-user", { detail: user.id }));
		return { label: face(user, user.detail), icon: checked && "check", checked, run: become };
	});
	openMenu("Switch who you are", [{ title: "Switch who you are" }, ...items], button.getBoundingClientRect(), button);
}

export function openUserMenu(user, rectangle, opener) {
	const found = apps(USER_COMMAND, user.id, (problem) => store.say("problem", { text: problem.message }));
	openMenu(
		"Person",
		[
			...(found.length ? found : [{ title: "No app offers anything for people" }]),
			{ label: "Mention", icon: "reply", run: () => composer().insert(`<@${user.id}> `) },
		],
		rectangle,
		opener,
	);
}

function apps(kind, target, fail) {
	const found = store.offered.filter(({ type }) => type === kind);
	return found.length
		? [
			{ title: "Apps" },
			...found.map((command) => ({
				label: command.name,
				icon: "spark",
				run: () => sendMenuCommand(command, target).catch(fail),
			})),
		]
		: [];
}

function askThread(message) {
	const name = {
		type: 4,
		custom_id: "name",
		label: "Thread name",
		style: 1,
		min_length: 1,
		max_length: 100,
		value: message.content?.slice(0, 40) ?? "",
	};
	const start = async ({ components }) => {
		const made = await request("POST", `messages/${message.id}/thread`, { name: components[0].components[0].value });
		store.apply({ t: "THREAD_CREATE", d: made }); // the answer may arrive before the feed's event
		store.goTo(made.id);
	};
	modals(({ openModal }) =>
		openModal({ title: "Create a thread", components: [{ type: 1, components: [name] }] }, start)
	);
}

/** Show the message's buttons while the pointer is over it. */
export function showTools(tools, target) {
	const host = target.closest("chat-message");
	if (tools.contains(target)) return;
	tools.hidden = !host?.message;
	if (tools.hidden || tools.owner === host) return;
	const { message } = host;
	const log = tools.parentElement;
	const tool = (mark, name, click) => round(mark, name, click, { class: "tool", tabindex: "-1" });
	const below = ({ currentTarget }) => currentTarget.getBoundingClientRect();
	tools.owner = host;
	tools.replaceChildren(...[
		mayReact(message) && tool("smile", "Add reaction", (event) => pickReaction(host, message, below(event))),
		mayReply(message) && tool("reply", "Reply", () => reply(message)),
		tool("more", "More", (event) => openMessageMenu(host, event)),
	].filter(Boolean));
	tools.style.top = `${host.getBoundingClientRect().top - log.getBoundingClientRect().top + log.scrollTop}px`;
}

/** Handle a key in the message list: arrows move, Enter opens the menu, r and + reply and react. */
export function rowKey(event, rows) {
	const { key } = event;
	const host = event.target.closest("chat-message");
	const own = event.target === host || event.target.matches(".log");
	const menu = key === "ContextMenu" || (key === "F10" && event.shiftKey) || (own && key === "Enter");
	const all = [...rows.querySelectorAll("chat-message")];
	const step = { ArrowUp: -1, ArrowDown: 1 }[key];
	const { input } = composer();
	if (host?.message && menu) openMessageMenu(host);
	else if (!own || event.ctrlKey || event.metaKey || event.altKey) return;
	else if (step) (host ? all[Math.max(0, all.indexOf(host) + step)] ?? input : all.at(-1) ?? input).focus();
	else if (key === "Escape") input.focus();
	else if (host?.message && key === "r") reply(host.message);
	else if (host?.message && key === "+") pickReaction(host, host.message, host.getBoundingClientRect());
	else return;
	event.preventDefault();
}

/** Offer the uses of a picture, at the button beside the message box. */
export function openAttach(button, expand, attach) {
	const pick = (take) => () => {
		const picker = el("input", { type: "file", change: () => take(picker.files[0]) });
		picker.click();
	};
	openMenu(
		"Add a picture",
		[
			{ label: "Expand a picture", icon: "spark", run: pick(expand) },
			store.may(CAN.attach) && { label: "Post a file", icon: "image", run: pick(attach) },
		],
		button.getBoundingClientRect(),
		button,
	);
}

/** What the next message includes, each with a button to remove it. */
export function carried(replyTo, file, leave) {
	const chip = (name, click, ...inside) => el("span.strip-part", inside, round("close", name, click));
	return [
		replyTo &&
		chip(
			"Do not reply",
			() => leave(null, file),
			"Replying to ",
			el("strong", displayName(store.guild.users.get(replyTo.author.id) ?? replyTo.author)),
		),
		file && chip("Do not post the file", () => leave(replyTo, null), icon("image"), el("strong", file.name)),
	].filter(Boolean);
}
