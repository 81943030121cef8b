// The tested flow on discord.js: slash command with picture, deferral, edit with file, buttons.
// Argument: JSON with token, api (http://host:port/api) and modules (the folder of the package).
import { createRequire } from 'node:module';

const spec = JSON.parse(process.argv[2]);
const discord = createRequire(`${spec.modules}/`)('discord.js');
const { GatewayIntentBits, MessageFlags } = discord;
const client = new discord.Client({
  intents: [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMessages],
  rest: { api: spec.api },
});

const command = new discord.SlashCommandBuilder()
  .setName('expand')
  .setDescription('Extend a picture')
  .addAttachmentOption((option) =>
    option.setName('image').setDescription('The picture').setRequired(true))
  .addIntegerOption((option) =>
    option.setName('pixels').setDescription('How far').setMinValue(1).setMaxValue(2048));

client.once(discord.Events.ClientReady, async () => {
  const commands = await client.application.commands.set([command]);
  console.log(`ready ${client.user.username} ${commands.size}`);
});

async function expand(interaction) {
  const image = interaction.options.getAttachment('image');
  const pixels = interaction.options.getInteger('pixels');
  await interaction.deferReply();
  const data = Buffer.from(await (await fetch(image.url)).arrayBuffer());
  const row = new discord.ActionRowBuilder().addComponents(
    new discord.ButtonBuilder().setCustomId('more').setLabel('More').setStyle(1),
  );
  await interaction.editReply({
    content: `${pixels} px, ${image.width} wide`,
    files: [{ attachment: data, name: 'wide.png', description: 'a wide picture' }],
    components: [row],
  });
  const message = await interaction.channel.send({ content: 'posted', nonce: 'n1', enforceNonce: true });
  await message.react('🎨');
  await interaction.followUp({ content: 'afterwards', flags: MessageFlags.Ephemeral });
}

async function press(interaction) {
  await interaction.reply({ content: 'only you', flags: MessageFlags.Ephemeral });
  await interaction.message.edit({ components: [] });
}

client.on(discord.Events.InteractionCreate, async (interaction) => {
  if (interaction.isChatInputCommand()) await expand(interaction);
  else if (interaction.isButton()) await press(interaction);
});
process.on('SIGTERM', () => client.destroy().finally(() => process.exit(0)));
await client.login(spec.token);
