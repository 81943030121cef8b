import { turnPanel } from "./api.js";
import { displayName, el } from "./dom.js";
import { store } from "./store.js";
import { absolute } from "./time.js";

const MICRO = 1_000_000;
const ENDED = { settled: "good", delivered: "good", failed: "bad", parked: "bad", cancelled: "" };
const STEPS = { reserved: "accepted", prepared: "picture is ready", submitting: "being sent", submitted: "with the service", rendered: "made", stored: "stored", delivered: "posted", settled: "settled" };
const TURNS = [["1 minute", 60], ["15 minutes", 900], ["1 hour", 3600], ["1 day", 86_400]];

const dollars = (micro) => `$${(micro / MICRO).toFixed(micro % 10_000 ? 4 : 2)}`;
const amount = (value, unit) => (unit === "micro_usd" ? dollars(value) : `${value} ${value === 1 ? "picture" : "pictures"}`);
const clock = (ms) => absolute(ms / 1000, "T");
const nobody = () => el("p.muted", "The bot's books are shown by “expanse demo”. Here nobody shows any.");
const title = (text) => el("h3.part-title", text);

function table(caption, heads, rows) {
	const head = heads.map((text) => el("th", { scope: "col" }, text));
	return el("table.table", { "aria-label": caption }, el("thead", el("tr", head)), el("tbody", rows.map((cells) => el("tr", cells.map((cell) => (cell instanceof Node && cell.localName === "td" ? cell : el("td", cell)))))));
}

const figure = (text) => el("td.figure", text);
const who = (id) => displayName(store.users.get(id) ?? { username: id });

/** Say an account's scope in words: u:<guild>:<user>:d:<day>, g:<guild>:m:<month>, global:d:<day>. */
function account(scope) {
	const parts = scope.split(":");
	const window = { d: "on", m: "in" }[parts.at(-2)];
	const when = window ? ` ${window} ${parts.at(-1)}` : "";
	if (parts[0] === "u") return who(parts[2]) + when;
	if (parts[0] === "g") return `This guild${when}`;
	return parts[0] === "global" ? `All guilds${when}` : scope;
}

function money({ books, provider }) {
	if (!books) return [nobody()];
	const { totals } = books;
	const billed = provider ? [el("div.sum-line", el("span", "Billed by the service"), el("strong", dollars(provider.bill_micro_usd)))] : [];
	const line = (name, value) => el("div.sum-line", el("span", name), el("strong", value));
	return [
		el("div.sum", line("Spent in this guild", dollars(totals.spent)), line("Held for jobs under way", dollars(totals.held)), billed),
		title("Accounts"),
		...(books.accounts.length ? books.accounts.map(accountSum) : [el("p.muted", "Nothing was held or spent yet.")]),
		title("Ledger, newest first"),
		table("Ledger", ["When", "What", "Whose", "Amount"], books.entries.map((entry) => [clock(entry.at), entry.kind, account(entry.scope), figure(amount(entry.amount, entry.unit))])),
	];
}

function accountSum({ scope, unit, cap, held, spent }) {
	const used = held + spent;
	const name = account(scope);
	const text = `${amount(used, unit)}${cap === null ? "" : ` of ${amount(cap, unit)}`}`;
	return el("div.sum", el("div.sum-line", el("span", name), el("strong", text)), cap ? el("meter", { min: 0, max: cap, value: Math.min(used, cap), "aria-label": `${name}: ${text}` }) : null);
}

function jobs({ books }) {
	if (!books) return [nobody()];
	const state = (job) => el("span", { class: `state ${ENDED[job.state] ?? "open"}` }, STEPS[job.state] ?? job.state);
	const cost = (job) => (job.cost === null ? `${dollars(job.hold)} held` : dollars(job.cost));
	const rows = books.jobs.map((job) => [clock(job.created_at), job.user_name, el("td", state(job), job.failure ? el("div.muted", job.failure) : null), figure(cost(job))]);
	return [rows.length ? table("Jobs, newest first", ["When", "Who", "State", "Cost"], rows) : el("p.muted", "No job yet. Expand a picture and watch its steps here.")];
}

function service({ provider }) {
	if (!provider) return [el("p.muted", "No local service stands behind this page.")];
	const requests = [...provider.requests].reverse().map((request) => [clock(request.at * 1000), el("td", request.tasks.map((task) => task.task_type).join(", ") || request.error || "?"), figure(String(request.status))]);
	const bills = [...provider.billed].reverse().map((bill) => [clock(bill.at * 1000), el("td", el("code", bill.task_uuid.slice(0, 8))), el("td", bill.moderated ? "held back" : bill.engine ?? ""), figure(dollars(bill.cost_micro_usd))]);
	return [
		el("div.sum", el("div.sum-line", el("span", "Pictures billed"), el("strong", `${provider.billed.length} · ${dollars(provider.bill_micro_usd)}`))),
		title("Bills, newest first"),
		bills.length ? table("Bills", ["When", "Task", "Engine", "Cost"], bills) : el("p.muted", "Nothing was billed."),
		title("Requests, newest first"),
		requests.length ? table("Requests", ["When", "Tasks", "Status"], requests) : el("p.muted", "Nothing was asked."),
	];
}

function faults(data, act) {
	const struck = ["provider", "discord"].flatMap((name) => data[name]?.struck ?? []).sort((a, b) => b.at - a.at).slice(0, 12);
	const log = struck.length ? [title("What has struck"), table("Faults that struck", ["When", "What"], struck.map(({ at, kind }) => [clock(at * 1000), kind.replaceAll("_", " ")]))] : [];
	return [["provider", "The image service"], ["discord", "Discord"]].flatMap(([name, heading]) => {
		const presets = data.presets[name];
		if (!data[name] || !presets.length) return [];
		const planned = data[name].planned;
		const set = (preset) => act(() => turnPanel("fault", { service: name, preset: preset.name }));
		return [
			title(heading),
			el("p", { role: "status" }, planned.length ? `Planned: ${planned.map(({ kind, times }) => `${kind.replaceAll("_", " ")}${times === 1 ? "" : ` (${times || "always"})`}`).join(", ")}.` : "Nothing is planned: it works as it should."),
			planned.length ? el("button.button", { "data-key": `clear-${name}`, click: act(() => turnPanel("clear", { service: name })) }, "Let it work again") : null,
			el("div", presets.map((preset) => el("div.fault", el("strong", preset.title), el("p.muted", preset.does), el("button.button", { "data-key": `${name}-${preset.name}`, "aria-label": `Set fault: ${preset.title}`, click: set(preset) }, "Set")))),
		].filter(Boolean);
	}).concat(log);
}

function time(data, act) {
	const { now } = data.clock;
	const turn = ([name, seconds]) => el("button.button", { "data-key": `turn-${seconds}`, click: act(() => turnPanel("clock", { seconds })) }, `+ ${name}`);
	return [
		el("p.clock", absolute(now, "T")),
		el("p.muted", `${absolute(now, "D")} · the time by which this Discord and the image service live`),
		el("div.more", TURNS.map(turn)),
		el("p.help", "Turn it past 15 minutes while a job runs, and the bot's answer comes too late for its token: it has to post in another way. The bot's own clock is not turned."),
		title("State"),
		table("State of the sandbox", ["What", "Now"], [
			["Expanse", store.bot.online ? "online" : "offline"],
			["Gateway sessions", String(data.discord.sessions)],
			["Commands offered", String(data.discord.commands)],
			["Jobs on record", String(data.books?.totals.jobs ?? "not shown")],
		]),
	];
}

/** The tabs: `shows` names the data a view depends on, `draw` makes its nodes. */
export const VIEWS = [
	{ title: "Money", draw: money, shows: ({ books, provider }) => [books, provider?.bill_micro_usd] },
	{ title: "Jobs", draw: jobs, shows: ({ books }) => books?.jobs },
	{ title: "Service", draw: service, shows: ({ provider }) => [provider?.requests, provider?.billed] },
	{ title: "Faults", draw: faults, shows: ({ provider, discord }) => [provider?.planned, provider?.struck, discord.planned, discord.struck] },
	{ title: "Clock", draw: time, shows: ({ clock: { now }, discord, books }) => [Math.floor(now), discord.sessions, discord.commands, books?.totals.jobs, store.bot.online] },
];
