"""The seeded guild: always the same people, channels and ids."""

from dataclasses import dataclass, field

from sandbox.discord.model import permissions
from sandbox.discord.model.permissions import Permission
from sandbox.discord.model.records import Channel, Guild, Member, Overwrite, Role, User

FOUNDED_AT = 1_735_689_600.0  # 2025-01-01T00:00:00Z
_FIRST_ID = 1_323_820_000_000_000_000  # a snowflake of about that date

GUILD_ID = _FIRST_ID + 1
APPLICATION_ID = _FIRST_ID + 10
ANA_ID, BEN_ID, MIA_ID, OLU_ID = (_FIRST_ID + number for number in (21, 22, 23, 24))
MODERATOR_ROLE_ID, OPERATOR_ROLE_ID, BOT_ROLE_ID = (_FIRST_ID + number for number in (31, 32, 33))
STUDIO_ID, GALLERY_ID, MODERATORS_ID = (_FIRST_ID + number for number in (41, 42, 43))

# Three dotted parts like Discord's tokens; some libraries read the application's id from the first,
# which is base64. The rest is clearly no token of Discord's.
SANDBOX_BOT_TOKEN = "MTMyMzgyMDAwMDAwMDAwMDAxMA.sandbox.not-a-secret"  # noqa: S105 - opens nothing but this sandbox
MIB = 1024 * 1024


@dataclass(slots=True)
class World:
    """All guilds, people and DMs, and settings that a test may change; sizes are in bytes.

    AutoMod blocks `blocked_words`; `dms_closed` and `installed_by` are ids of users who closed
    their DMs, and who installed the application; `locales` are languages other than the guild's.
    With `bare_snapshots`, a reply to a forward lacks fields of the forwarded message. With
    `chained_forwards`, a forward of a forward names that one, not the first message: Discord's
    documentation does not say which it is.
    """

    guilds: dict[int, Guild]
    bot: User
    token: str
    people: dict[int, User]
    attachment_limit: int = 20 * MIB  # Discord's default without boosts, since September 2026
    default_channel_id: int = STUDIO_ID
    dms: dict[int, Channel] = field(default_factory=dict)
    dms_closed: set[int] = field(default_factory=set)
    installed_by: set[int] = field(default_factory=set)
    blocked_words: tuple[str, ...] = ()
    locales: dict[int, str] = field(default_factory=dict)
    bare_snapshots: bool = False
    chained_forwards: bool = False
    description: str = "Extends pictures beyond their frame."

    @property
    def guild(self) -> Guild:
        """Return the seeded guild."""
        return self.guilds[GUILD_ID]

    @property
    def users(self) -> dict[int, User]:
        return self.people

    def get_user(self, user_id: int) -> User:
        return self.people[user_id]

    @property
    def bot_guilds(self) -> tuple[Guild, ...]:
        """Return the guilds that the bot is a member of."""
        return tuple(each for each in self.guilds.values() if self.bot.id in each.members)

    def find_channel(self, channel_id: int) -> Channel | None:
        """Find a channel, thread or DM."""
        for guild in self.guilds.values():
            if (found := guild.channels.get(channel_id)) is not None:
                return found
        return self.dms.get(channel_id)


def is_sandbox_token(token: str) -> bool:
    """Tell whether a token is a sandbox token; Discord's own never contain that word."""
    return "sandbox" in token.split(".")[:2]


def build_world(token: str = SANDBOX_BOT_TOKEN) -> World:
    """Build the guild "Expanse Studio" with two members, a moderator, an operator and the bot."""
    bot = User(APPLICATION_ID, "expanse", "Expanse", bot=True)
    guild = Guild(
        GUILD_ID,
        "Expanse Studio",
        owner_id=OLU_ID,
        created_at=FOUNDED_AT,
        roles={role.id: role for role in _build_roles()},
        members={member.user.id: member for member in _build_members(bot)},
        channels={channel.id: channel for channel in _build_channels()},
    )
    people = {member.user.id: member.user for member in guild.members.values()}
    return World({guild.id: guild}, bot, token, people)


def _build_roles() -> tuple[Role, ...]:
    return (
        Role(GUILD_ID, "@everyone", permissions.EVERYONE, 0),
        Role(BOT_ROLE_ID, "Expanse", permissions.BOT, 1, bot_id=APPLICATION_ID),
        Role(MODERATOR_ROLE_ID, "Moderator", permissions.MODERATOR, 2, color=0x2E8B74),
        Role(OPERATOR_ROLE_ID, "Operator", Permission.ADMINISTRATOR, 3, color=0xC46A1B),
    )


def _build_members(bot: User) -> tuple[Member, ...]:
    return (
        Member(User(ANA_ID, "ana", "Ana"), (), FOUNDED_AT),
        Member(User(BEN_ID, "ben", "Ben"), (), FOUNDED_AT),
        Member(User(MIA_ID, "mia", "Mia"), (MODERATOR_ROLE_ID,), FOUNDED_AT),
        Member(User(OLU_ID, "olu", "Olu"), (OPERATOR_ROLE_ID,), FOUNDED_AT),
        Member(bot, (BOT_ROLE_ID,), FOUNDED_AT),
    )


def _build_channels() -> tuple[Channel, ...]:
    hidden = (
        Overwrite(GUILD_ID, 0, allow=0, deny=Permission.VIEW_CHANNEL),
        Overwrite(MODERATOR_ROLE_ID, 0, allow=Permission.VIEW_CHANNEL, deny=0),
        Overwrite(BOT_ROLE_ID, 0, allow=Permission.VIEW_CHANNEL, deny=0),
    )
    return (
        Channel(STUDIO_ID, GUILD_ID, "studio", 0, topic="Extend your pictures here"),
        Channel(GALLERY_ID, GUILD_ID, "gallery", 1, topic="The best of them"),
        Channel(MODERATORS_ID, GUILD_ID, "moderators", 2, overwrites=hidden),
    )
