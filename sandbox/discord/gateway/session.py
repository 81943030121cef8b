"""One gateway session: its sequence, its frames to replay, and its socket."""

from collections import deque

from sandbox.discord.gateway.compression import FrameSender
from sandbox.discord.model.json_encoding import dumps
from sandbox.discord.model.records import Json

MAX_REPLAYED_FRAMES = 2000  # frames to replay at a resume; a session that missed more is invalid


class GatewaySession:
    """A bot's session, which outlives its socket."""

    def __init__(self, session_id: str, *, intents: int, shard: tuple[int, int]) -> None:
        self.id = session_id
        self.intents = intents
        self.shard = shard
        self.sequence = 0
        self.sender: FrameSender | None = None
        self._sent: deque[tuple[int, str]] = deque(maxlen=MAX_REPLAYED_FRAMES)

    def dispatch(self, name: str, payload: Json | str) -> None:
        """Send an event and keep it for a resume; a str payload is JSON already."""
        text = payload if isinstance(payload, str) else dumps(payload)
        self.sequence += 1
        frame = f'{{"op":0,"t":"{name}","s":{self.sequence},"d":{text}}}'
        self._sent.append((self.sequence, frame))
        if self.sender is not None:
            self.sender.send_text(frame)

    def list_missed_frames(self, since: int) -> list[str] | None:
        """Return the frames after a sequence number; None when some are no longer kept."""
        oldest = self._sent[0][0] if self._sent else self.sequence + 1
        # The oldest frames have been dropped: a resume would leave a gap.
        if since + 1 < oldest:
            return None
        return [frame for number, frame in self._sent if number > since]

    def is_for_guild(self, guild_id: int | None) -> bool:
        """Tell whether this shard gets a guild's events; DMs go to the first (docs, "Sharding")."""
        index, count = self.shard
        return (guild_id >> 22) % count == index if guild_id is not None else index == 0
