import { request } from "./api.js";
import { displayName, el } from "./dom.js";
import { store } from "./store.js";
import { absolute } from "./time.js";

const MICRO = 1_000_000;
const ENDED = { settled: "good", delivered: "good", failed: "bad", parked: "bad", cancelled: "" };
const STEPS = {
	reserved: "accepted",
	prepared: "picture is ready",
	submitting: "being sent",
	submitted: "with the service",
	rendered: "made",
	stored: "stored",
	delivered: "posted",
	settled: "settled",
};
const TURNS = [["1 minute", 60], ["15 minutes", 900], ["1 hour", 3600], ["1 day", 86_400]];
const SERVICES = [["provider", "The image service"], ["discord", "Discord"]];

const dollars = (micro) => `$${(micro / MICRO).toFixed(micro % 10_000 ? 4 : 2)}`;
const amount = (
	value,
	unit,
) => (unit === "micro_usd" ? dollars(value) : `${value} ${value === 1 ? "picture" : "pictures"}`);
const clock = (seconds) => absolute(seconds, "T");
const plain = (kind) => kind.replaceAll("_", " ");
const newest = (list) => [...list].reverse();
const muted = (text) => el("p.muted", text);
const nobody = () => [muted("The bot's books are shown by “expanse demo”. Here nobody shows any.")];
const title = (text) => el("h3.small-title", text);
const line = (name, value) => el("div.sum-line", el("span", name), el("strong", value));

/** A table, or a text if it has no rows. A cell is text, a node, or several of them. */
function table(caption, heads, rows, empty) {
	if (!rows.length) return muted(empty);
	return el(
		"table",
		{ "aria-label": caption },
		el("thead", el("tr", heads.map((text) => el("th", { scope: "col" }, text)))),
		el("tbody", rows.map((cells) => el("tr", cells.map((inside) => el("td", inside))))),
	);
}

/** Describe an account's scope: u:<guild>:<user>:d:<day>, g:<guild>:m:<month>, global:r:<ten minutes>. */
function account(scope) {
	const [, kind, user, window, when] = scope.match(/^(u|g|global)(?::\d+)?(?::(\d+))?:([dmr]):(.+)$/) ?? [];
	if (!kind) return scope;
	const who = {
		u: () => displayName(store.guild.users.get(user) ?? { username: user }),
		g: () => "This guild",
		global: () => "All guilds",
	}[kind]();
	return who + { d: ` on ${when}`, m: ` in ${when}`, r: `, ten minutes from ${when.slice(-5)} UTC` }[window];
}

function money({ books, provider }) {
	if (!books) return nobody();
	const { totals, accounts, entries } = books;
	const rows = entries.map((
		{ at, kind, scope, amount: value, unit },
	) => [clock(at / 1000), kind, account(scope), amount(value, unit)]);
	return [
		el(
			"div.sum",
			line("Spent in this guild", dollars(totals.spent)),
			line("Held for jobs under way", dollars(totals.held)),
			provider && line("Billed by the service since its start", dollars(provider.bill_micro_usd)),
		),
		title("Accounts"),
		...(accounts.length ? accounts.map(accountSum) : [muted("Nothing was held or spent yet.")]),
		title("Ledger, newest first"),
		table("Ledger", ["When", "What", "Whose", "Amount"], rows, "No entries yet."),
	];
}

function accountSum({ scope, unit, cap, held, spent }) {
	const used = held + spent;
	const name = account(scope);
	const text = cap === null
		? amount(used, unit)
		: `${unit === "micro_usd" ? dollars(used) : used} of ${amount(cap, unit)}`;
	return el(
		"div.sum",
		line(name, text),
		cap && el("meter", { min: 0, max: cap, value: Math.min(used, cap), "aria-label": `${name}: ${text}` }),
	);
}

function jobs({ books }) {
	if (!books) return nobody();
	const rows = books.jobs.map(({ created_at: at, user_name: who, state, failure, cost, hold }) => [
		clock(at / 1000),
		who,
		[
			el("span", { class: `state ${ENDED[state] ?? "open"}` }, STEPS[state] ?? state),
			failure && el("div.muted", failure),
		],
		cost === null ? `${dollars(hold)} held` : dollars(cost),
	]);
	return [
		table(
			"Jobs, newest first",
			["When", "Who", "State", "Cost"],
			rows,
			"No job yet. Expand a picture and watch its steps here.",
		),
	];
}

function service({ provider }) {
	if (!provider) return [muted("No local service stands behind this page.")];
	const { billed, bill_micro_usd: bill } = provider;
	const bills = newest(billed).map((
		each,
	) => [
		clock(each.at),
		el("code", each.task_uuid.slice(0, 8)),
		each.moderated ? "held back" : each.engine ?? "",
		dollars(each.cost_micro_usd),
	]);
	const requests = newest(provider.requests).map((
		{ at, tasks, status },
	) => [clock(at), tasks.map((task) => task.task_type).join(", ") || "the file of a result", String(status)]);
	return [
		el("div.sum", line("Pictures billed", `${billed.length} · ${dollars(bill)}`)),
		title("Bills, newest first"),
		table("Bills", ["When", "Task", "Engine", "Cost"], bills, "Nothing was billed."),
		title("Requests, newest first"),
		table("Requests", ["When", "Tasks", "Status"], requests, "Nothing was asked."),
	];
}

function faults(data, act) {
	const struck = SERVICES.flatMap(([name]) => data[name]?.struck ?? []).sort((a, b) => b.at - a.at).slice(0, 12).map((
		{ at, kind },
	) => [clock(at), plain(kind)]);
	const parts = SERVICES.filter(([name]) => data[name] && data.presets[name].length).flatMap(([name, heading]) => {
		const planned = data[name].planned.map(({ kind, times }) =>
			`${plain(kind)}${times === 1 ? "" : ` (${times || "always"})`}`
		);
		const button = (key, what, run, label = null) =>
			el("button.button.secondary", { "data-key": `${key}-${name}`, "aria-label": label, click: act(run) }, what);
		const set = (preset) =>
			button(
				preset.name,
				"Set",
				() => request("POST", "panel/fault", { service: name, preset: preset.name }),
				`Set fault: ${preset.title}`,
			);
		return [
			title(heading),
			el(
				"p",
				{ role: "status" },
				planned.length ? `Planned: ${planned.join(", ")}.` : "Nothing is planned: it works as it should.",
			),
			planned.length
				? button("clear", "Let it work again", () => request("POST", "panel/clear", { service: name }))
				: "",
			...data.presets[name].map((preset) =>
				el("div.sum.fault", el("strong", preset.title), el("p.muted", preset.does), set(preset))
			),
		];
	});
	return struck.length
		? [...parts, title("What has struck"), table("Faults that struck", ["When", "What"], struck)]
		: parts;
}

function time({ clock: { now }, discord, books }, act) {
	const turn = ([name, seconds]) =>
		el("button.button.secondary", {
			"data-key": `turn-${seconds}`,
			click: act(() => request("POST", "panel/clock", { seconds })),
		}, `+ ${name}`);
	return [
		el("p.clock", clock(now)),
		muted(`${absolute(now, "D")} · the time by which this Discord and the image service live`),
		el("div.row", TURNS.map(turn)),
		el(
			"p.help",
			"Turn it past 15 minutes while a job runs, and the bot's answer comes too late for its token: it has to post in another way. The bot's own clock is not turned.",
		),
		title("State"),
		table("State of the sandbox", ["What", "Now"], [
			["Expanse", store.bot.online ? "online" : "offline"],
			["Gateway sessions", String(discord.sessions)],
			["Commands offered", String(discord.commands)],
			["Jobs on record", String(books?.totals.jobs ?? "not shown")],
		]),
	];
}

async function addGuild(name) {
	const { id } = await request("POST", "guilds", { name });
	const go = () => store.guilds.has(id) && (end(), store.openGuild(id));
	const end = store.on("channels", go);
	go();
}

function guilds({ guilds: all, may }, act) {
	const turn = ({ name, on }) =>
		el("button.button.secondary", {
			"data-key": name,
			"aria-pressed": String(on),
			click: act(() => request("POST", "panel/permission", { channel: store.channelId, name })),
		}, `${on ? "✓" : "✗"} ${name}`);
	const who = ({ role, bot, ...user }) => displayName(user) + (role && !bot ? ` (${role})` : "");
	const name = el("input", { type: "text", value: "Neighbours", "data-key": "guild" });
	const add = act(() => addGuild(name.value));
	return [
		...all.map(({ name: called, people }) =>
			el("div.sum", el("strong", called), el("p.muted", people.map(who).join(", ")))
		),
		...(may.length ? [title(`What Expanse may do in #${store.channel.name}`), el("div.row", may.map(turn))] : []),
		title("Add a server"),
		muted(
			"Expanse is in it, with a moderator and a member of its own; you join too. Be one of them by the name at the bottom left.",
		),
		el(
			"form.option",
			{ submit: (event) => (event.preventDefault(), add()) },
			el("label", "Name", name),
			el("div.row", el("button.button.primary", { type: "submit", "data-key": "add" }, "Add a server")),
		),
	];
}

/** The tabs: `shows` names a view's data, `draw` builds its nodes. */
export const VIEWS = [
	{ title: "Money", draw: money, shows: ({ books, provider }) => [books, provider?.bill_micro_usd] },
	{ title: "Jobs", draw: jobs, shows: ({ books }) => books?.jobs },
	{ title: "Service", draw: service, shows: ({ provider }) => [provider?.requests, provider?.billed] },
	{
		title: "Faults",
		draw: faults,
		shows: ({ provider, discord }) => [provider?.planned, provider?.struck, discord.planned, discord.struck],
	},
	{ title: "Guilds", draw: guilds, shows: ({ guilds: all, may }) => [all, may, store.channelId] },
	{
		title: "Clock",
		draw: time,
		shows: (
			{ clock: { now }, discord, books },
		) => [Math.floor(now), discord.sessions, discord.commands, books?.totals.jobs, store.bot.online],
	},
];
