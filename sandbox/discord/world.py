"""The seeded guild: always the same people, channels and ids."""

from dataclasses import dataclass

from sandbox.discord import permissions
from sandbox.discord.models import Channel, Guild, Member, Overwrite, Role, User
from sandbox.discord.permissions import Permission

FOUNDED = 1_735_689_600.0  # 2025-01-01T00:00:00Z
_FIRST_ID = 1_323_820_000_000_000_000  # a snowflake of about that day

GUILD_ID = _FIRST_ID + 1
APPLICATION_ID = _FIRST_ID + 10
ANA_ID, BEN_ID, MIA_ID, OLU_ID = (_FIRST_ID + number for number in (21, 22, 23, 24))
MODERATOR_ROLE_ID, OPERATOR_ROLE_ID, BOT_ROLE_ID = (_FIRST_ID + number for number in (31, 32, 33))
STUDIO_ID, GALLERY_ID, MODERATORS_ID = (_FIRST_ID + number for number in (41, 42, 43))

# Three dotted parts as Discord's tokens have, the first of them the application's id in base64, as
# some libraries read it; nobody can take the rest for one of Discord's.
SANDBOX_BOT_TOKEN = "MTMyMzgyMDAwMDAwMDAwMDAxMA.sandbox.not-a-secret"  # noqa: S105 - opens nothing but this sandbox
MIB = 1024 * 1024


@dataclass(slots=True)
class World:
    """One guild, the bot's own user, and the settings a test may turn; the limit is in bytes."""

    guild: Guild
    bot: User
    token: str
    attachment_limit: int = 10 * MIB  # Discord's default without boosts
    default_channel_id: int = STUDIO_ID

    @property
    def users(self) -> dict[int, User]:
        return {user_id: member.user for user_id, member in self.guild.members.items()}

    def user(self, user_id: int) -> User:
        return self.guild.members[user_id].user


def build(token: str = SANDBOX_BOT_TOKEN) -> World:
    """Build the guild "Expanse Studio" with two members, a moderator, an operator and the bot."""
    bot = User(APPLICATION_ID, "expanse", "Expanse", bot=True)
    guild = Guild(
        GUILD_ID,
        "Expanse Studio",
        owner_id=OLU_ID,
        created_at=FOUNDED,
        roles={role.id: role for role in _roles()},
        members={member.user.id: member for member in _members(bot)},
        channels={channel.id: channel for channel in _channels()},
    )
    return World(guild, bot, token)


def _roles() -> tuple[Role, ...]:
    return (
        Role(GUILD_ID, "@everyone", permissions.EVERYONE, 0),
        Role(BOT_ROLE_ID, "Expanse", permissions.EVERYONE | Permission.MANAGE_MESSAGES, 1),
        Role(MODERATOR_ROLE_ID, "Moderator", permissions.MODERATOR, 2, color=0x2E8B74),
        Role(OPERATOR_ROLE_ID, "Operator", Permission.ADMINISTRATOR, 3, color=0xC46A1B),
    )


def _members(bot: User) -> tuple[Member, ...]:
    return (
        Member(User(ANA_ID, "ana", "Ana"), (), FOUNDED),
        Member(User(BEN_ID, "ben", "Ben"), (), FOUNDED),
        Member(User(MIA_ID, "mia", "Mia"), (MODERATOR_ROLE_ID,), FOUNDED),
        Member(User(OLU_ID, "olu", "Olu"), (OPERATOR_ROLE_ID,), FOUNDED),
        Member(bot, (BOT_ROLE_ID,), FOUNDED),
    )


def _channels() -> tuple[Channel, ...]:
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
