const SUBCOMMAND = 1;
const GROUP = 2;

/** Option types, as in Discord's reference. */
export const TYPE = { string: 3, integer: 4, boolean: 5, user: 6, channel: 7, role: 8, mentionable: 9, number: 10, attachment: 11 };

/** List what a person can type after "/": every chat command, each subcommand by its full name. */
export function entries(commands) {
	return commands.filter((command) => (command.type ?? 1) === 1).flatMap((command) => leaves(command, command, []))
		.sort((a, b) => a.title.localeCompare(b.title));
}

function leaves(command, node, path) {
	const inner = (node.options ?? []).filter((option) => option.type === SUBCOMMAND || option.type === GROUP);
	if (inner.length) return inner.flatMap((option) => leaves(command, option, [...path, option]));
	const title = [command.name, ...path.map((option) => option.name)].join(" ");
	const options = [...(node.options ?? [])].sort((a, b) => Number(b.required ?? false) - Number(a.required ?? false));
	return [{ command, path, title, description: node.description ?? "", options }];
}

/** Rank the entries for what was typed: names that begin so first, then names and descriptions that hold it. */
export function search(all, typed) {
	const words = typed.trim().toLowerCase();
	const rank = ({ title, description }) => {
		if (title.startsWith(words)) return 0;
		if (title.includes(words)) return 1;
		return description.toLowerCase().includes(words) ? 2 : 3;
	};
	return all.map((entry) => [rank(entry), entry]).filter(([place]) => place < 3).sort(([a], [b]) => a - b).map(([, entry]) => entry);
}

/**
 * Make the `data` of an interaction from the values by option name. Files take their place in the list of parts,
 * and the option's value is that place. A focused option is the one whose choices are asked for.
 */
export function invocation(entry, values, focused = null) {
	const files = [];
	const chosen = entry.options.filter((option) => values.has(option.name)).map((option) => {
		let value = values.get(option.name);
		if (option.type === TYPE.attachment) value = String(files.push(value) - 1);
		return { name: option.name, type: option.type, value, ...(option.name === focused && { focused: true }) };
	});
	const nested = entry.path.reduceRight((options, step) => [{ name: step.name, type: step.type, options }], chosen);
	const attachments = files.map((file, place) => ({ id: String(place), filename: file.name }));
	const { id, name } = entry.command;
	return { data: { id, name, type: 1, options: nested, attachments }, files, order: chosen.map((option) => option.name) };
}

/** The first command that cannot do without a picture: where a dropped picture goes. */
export const pictureCommand = (commands) =>
	entries(commands).find((entry) => entry.title === "expand" && pictureOption(entry)) ?? entries(commands).find((entry) => pictureOption(entry)?.required);

export const pictureOption = (entry) => entry.options.find((option) => option.type === TYPE.attachment);
