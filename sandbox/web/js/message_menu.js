import { deleteMessage, react, startThread } from "./api.js";
import { el, icon } from "./dom.js";
import { sendMenuCommand } from "./interact.js";
import { emojis, modals } from "./lazy.js";
import { openMenu } from "./menu.js";
import { CAN, EPHEMERAL, store, THREAD } from "./store.js";

export { closeMenu, openMenu } from "./menu.js";

const MESSAGE_COMMAND = 3; // command types, as in Discord's reference
const USER_COMMAND = 2;

const isNote = ({ flags }) => flags & EPHEMERAL;
const mayReact = (message) => !isNote(message) && store.may(CAN.react);
const mayReply = (message) => !isNote(message) && store.may(CAN.send);
const mayThread = (message) => !isNote(message) && !message.thread && store.may(CAN.thread) && store.channels.get(message.channel_id)?.type !== THREAD;
const mayDelete = (message) => message.author.id === store.me.id || store.may(CAN.manage);

const composer = () => document.querySelector("chat-composer");
/** The address of a message, which this page also opens. */
const linkTo = (message) => `${location.origin}/#${store.guild.id}/${message.channel_id}/${message.id}`;

export const reply = (message) => mayReply(message) && composer().reply(message);

/** Open the emoji picker at a rectangle for a message. */
export function pickReaction(host, message, rectangle) {
	const pick = (emoji) => react(message.id, emoji, true).catch((problem) => host.note(problem.message));
	if (mayReact(message)) emojis(({ openEmoji }) => openEmoji(rectangle, pick));
}

/** Open the menu of one message at a rectangle: what Discord's own offers, and the apps' commands. */
export function openMessageMenu(host, message, rectangle) {
	const fail = (problem) => host.note(problem.message);
	const remove = () => deleteMessage(message.id).catch(fail);
	const note = isNote(message);
	const copy = (text) => navigator.clipboard.writeText(text).catch(() => host.note("The browser does not let this page copy."));
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

/** Open the menu of a person: the apps' commands for people. */
export function openUserMenu(user, rectangle, opener) {
	const found = apps(USER_COMMAND, user.id, (problem) => store.say("problem", { text: problem.message }));
	openMenu("Person", [
		...(found.length ? found : [{ title: "No app offers anything for people" }]),
		{ label: "Mention", icon: "reply", run: () => composer().insert(`<@${user.id}> `) },
	], rectangle, opener);
}

function apps(kind, target, fail) {
	const found = store.commands.filter(({ type }) => type === kind);
	return found.length ? [{ title: "Apps" }, ...found.map((command) => ({ label: command.name, icon: "spark", run: () => sendMenuCommand(command, target).catch(fail) }))] : [];
}

function askThread(message) {
	const name = { type: 4, custom_id: "name", label: "Thread name", style: 1, min_length: 1, max_length: 100, value: message.content?.slice(0, 40) ?? "" };
	const start = async ({ components }) => {
		const made = await startThread(message.id, components[0].components[0].value);
		store.apply({ t: "THREAD_CREATE", d: made }); // the answer may be here before the feed tells of it
		store.goTo(made.id);
	};
	modals(({ openModal }) => openModal({ title: "Create a thread", components: [{ type: 1, components: [name] }] }, start));
}

/** The buttons that float over the message below the pointer. */
export function messageTools(host, message) {
	const tool = (name, label, run) => el("button.tool", { tabindex: "-1", "aria-label": label, title: label, click: (event) => run(event.currentTarget.getBoundingClientRect()) }, icon(name));
	return [
		mayReact(message) && tool("smile", "Add reaction", (at) => pickReaction(host, message, at)),
		mayReply(message) && tool("reply", "Reply", () => reply(message)),
		tool("more", "More", (at) => openMessageMenu(host, message, at)),
	].filter(Boolean);
}
