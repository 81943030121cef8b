import { deleteMessage, react, startThread } from "./api.js";
import { el, icon } from "./dom.js";
import { openEmoji } from "./emoji.js";
import { sendMenuCommand } from "./interact.js";
import { openMenu } from "./menu.js";
import { openModal } from "./modal.js";
import { CAN, store, THREAD } from "./store.js";

const EPHEMERAL = 64; // message flag
const MESSAGE_COMMAND = 3; // command types, as in Discord's reference
const USER_COMMAND = 2;

const mayDelete = (message) => message.flags & EPHEMERAL || message.author.id === store.me.id || store.may(CAN.manage);
const mayReact = (message) => !(message.flags & EPHEMERAL) && store.may(CAN.react);
export const mayReply = (message) => !(message.flags & EPHEMERAL) && store.may(CAN.send);

/** The address of a message, which this page also opens. */
const linkTo = (message) => `${location.origin}/#${store.guild.id}/${message.channel_id}/${message.id}`;

export const reply = (message) => document.querySelector("chat-composer").reply(message);

export function pickReaction(host, message, rectangle) {
	openEmoji(rectangle, (emoji) => react(message.id, emoji, true).catch((problem) => host.note(problem.message)));
}

/** Open the menu of one message at a rectangle: what Discord's own offers, and the apps' commands. */
export function openMessageMenu(host, message, rectangle) {
	const fail = (problem) => host.note(problem.message);
	const remove = () => deleteMessage(message.id).catch(fail);
	const note = message.flags & EPHEMERAL;
	const copy = (text) => navigator.clipboard.writeText(text).catch(() => host.note("The browser does not let this page copy."));
	openMenu("Message", [
		mayReact(message) && { label: "Add reaction", icon: "smile", run: () => pickReaction(host, message, rectangle) },
		mayReply(message) && { label: "Reply", icon: "reply", run: () => reply(message) },
		mayThread(message) && { label: "Create thread", icon: "thread", run: () => askThread(message) },
		...apps(MESSAGE_COMMAND, message.id, fail, note),
		{ title: "Message" },
		message.content && { label: "Copy text", icon: "copy", run: () => copy(message.content) },
		!note && { label: "Copy message link", icon: "link", run: () => copy(linkTo(message)) },
		note && { label: "Dismiss message", icon: "close", run: remove },
		!note && mayDelete(message) && { label: "Delete message", icon: "trash", danger: true, run: remove },
	], rectangle);
}

/** Open the menu of a person: the apps' commands for people. */
export function openUserMenu(user, rectangle) {
	const fail = (problem) => store.say("problem", { text: problem.message });
	const found = apps(USER_COMMAND, user.id, fail, false);
	openMenu("Person", [
		...(found.length ? found : [{ title: "No app offers anything for people" }]),
		{ label: "Mention", icon: "reply", run: () => document.querySelector("chat-composer").insert(`<@${user.id}> `) },
	], rectangle);
}

function apps(type, target, fail, hidden) {
	const found = store.offered.filter((command) => command.type === type);
	if (hidden || !found.length) return [];
	return [{ title: "Apps" }, ...found.map((command) => ({ label: command.name, icon: "spark", run: () => sendMenuCommand(command, target).catch(fail) }))];
}

const mayThread = (message) => !(message.flags & EPHEMERAL) && !message.thread && store.may(CAN.thread) && store.channels.get(message.channel_id)?.type !== THREAD;

function askThread(message) {
	const field = { type: 1, components: [{ type: 4, custom_id: "name", label: "Thread name", style: 1, min_length: 1, max_length: 100, value: message.content?.slice(0, 40) ?? "" }] };
	openModal({ title: "Create a thread", components: [field] }, async ({ components }) => {
		const made = await startThread(message.id, components[0].components[0].value);
		store.apply({ t: "THREAD_CREATE", d: made }); // the answer may be here before the feed tells of it
		store.goTo(made.id);
	});
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
