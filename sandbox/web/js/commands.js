import { described } from "./api.js";
import { store } from "./store.js";

const SUBCOMMAND = 1;
const GROUP = 2;
const WISHES = { direction: "right", pixels: 256 };

export const TYPE = {
	string: 3,
	integer: 4,
	boolean: 5,
	user: 6,
	channel: 7,
	role: 8,
	mentionable: 9,
	number: 10,
	attachment: 11,
};

/** List what can be typed after "/": every chat command, and each subcommand by its full name. */
export function entries() {
	return store.offered.filter(({ type = 1 }) => type === 1).flatMap((command) => leaves(command, command, []))
		.sort((a, b) => a.title.localeCompare(b.title));
}

function leaves(command, { options = [], description = "" }, path) {
	const inner = options.filter(({ type }) => type === SUBCOMMAND || type === GROUP);
	if (inner.length) return inner.flatMap((option) => leaves(command, option, [...path, option]));
	const title = [command, ...path].map(({ name }) => name).join(" ");
	return [{
		command,
		path,
		title,
		description,
		options: options.toSorted((a, b) => Boolean(b.required) - Boolean(a.required)),
	}];
}

/**
 * Build an interaction's `data` from values by option name. Files go into the list of parts, and the option's value
 * is the file's index. The focused option is the one to autocomplete.
 */
export function invocation(entry, values, focused = null) {
	const files = [];
	const chosen = entry.options.filter(({ name }) => values.has(name)).map(({ name, type }) => {
		const value = values.get(name);
		return {
			name,
			type,
			value: type === TYPE.attachment ? String(files.push(value) - 1) : value,
			...(name === focused && { focused: true }),
		};
	});
	const options = entry.path.reduceRight((inner, { name, type }) => [{ name, type, options: inner }], chosen);
	const { id, name } = entry.command;
	return {
		data: { id, name, type: 1, options, attachments: described(files) },
		files,
		order: chosen.map((option) => option.name),
	};
}

const pictureOption = ({ options }) => options.find(({ type }) => type === TYPE.attachment);

/** The first command with a required picture, which a dropped picture goes to. */
export function pictureCommand() {
	const all = entries();
	return all.find((entry) => entry.title === "expand" && pictureOption(entry)) ??
		all.find((entry) => pictureOption(entry)?.required);
}

/** The command for pictures and values by option name: this sample, and good values for a first try. */
export async function withSample(url) {
	const response = await fetch(url);
	if (!response.ok) throw new Error("The sample picture is not there.");
	const file = new File([await response.blob()], url.split("/").at(-1), { type: "image/jpeg" });
	const entry = pictureCommand();
	const wishes = Object.entries(WISHES).filter(([name]) => entry.options.some((option) => option.name === name));
	return [entry, new Map([[pictureOption(entry).name, file], ...wishes])];
}
