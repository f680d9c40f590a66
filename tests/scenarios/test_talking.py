"""Conversations over channels, every pair of channels, and what customers tell others."""

from __future__ import annotations

from itertools import permutations

from journey.v1.interactions_pb2 import (
    CHANNEL_EMAIL,
    CHANNEL_LIVE_CHAT,
    CHANNEL_PHONE,
    CHANNEL_VIDEO,
    CONVERSATION_MODE_CHAT,
    CONVERSATION_MODE_VIDEO,
    CallReported,
    ConversationChannelSwitched,
    ConversationMessageAdded,
    ConversationStarted,
    Interaction,
    Money,
    QuoteAnswered,
    QuoteGiven,
    ReferralMade,
    SocialReacted,
)
from journey.v1.views_pb2 import AgentConversationState
from journey_client import interactions
from tests.projections.acts import interaction
from tests.scenarios.test_buying import account, line, refused
from tests.scenarios.views import view_of
from tests.stage import DAY_MS, Stage, quantities

CHAT = "conversation/cv-2"
CHANNELS = (
    "web",
    "mobile_app",
    "desktop_app",
    "tv_app",
    "store",
    "kiosk",
    "phone",
    "live_chat",
    "email",
    "whatsapp",
    "sms",
    "social",
    "video",
)
IN, OUT = ConversationMessageAdded.DIRECTION_IN, ConversationMessageAdded.DIRECTION_OUT


def said(number: int, text: str, direction: ConversationMessageAdded.Direction = IN) -> Interaction:
    """A message of the conversation."""
    body = ConversationMessageAdded(message_id=f"m-{number}", direction=direction, text=text)
    return interaction(CHAT, body)


async def test_scenario_A10_a_call_goes_on_by_mail_by_chat_and_by_video_as_one_conversation(
    stage: Stage,
) -> None:
    jan, telephony = account("jan"), await stage.back_end("telephony")
    mail = await stage.back_end("mail")
    switched = ConversationChannelSwitched
    started = ConversationStarted(situation="quote_question")
    await stage.fact(telephony, jan, interaction(CHAT, started), at="13:00")
    call = CallReported(
        call_id="c-1",
        mode=CallReported.MODE_VOICE,
        status=CallReported.STATUS_ENDED,
        duration_ms=720_000,
    )
    await stage.fact(telephony, jan, interaction(CHAT, call), at="13:12")
    quote = QuoteGiven(
        quote_id="Q1",
        lines=[line("KITCHEN")],
        total=Money(currency="EUR", units=350),
        valid_until_ms=stage.clock.time_ms + 14 * DAY_MS,
    )
    await stage.fact(telephony, jan, interaction(CHAT, quote), at="13:13")

    stage.clock.move_to("09:00", day=1)
    to_mail = switched(
        from_channel=CHANNEL_PHONE,
        to_channel=CHANNEL_EMAIL,
        mode=CONVERSATION_MODE_CHAT,
        summary="Asked what the kitchen costs; got quote Q1.",
    )
    await stage.fact(mail, jan, interaction(CHAT, to_mail))
    await stage.fact(mail, jan, said(1, "Does it come with taps?"))
    await stage.fact(mail, jan, said(2, "It does.", OUT))
    browser = await stage.device("browser", subject="jan", channel="live_chat")
    to_chat = switched(
        from_channel=CHANNEL_EMAIL,
        to_channel=CHANNEL_LIVE_CHAT,
        mode=CONVERSATION_MODE_CHAT,
        summary="Taps are included.",
    )
    await browser.act(interaction(CHAT, to_chat))
    await browser.act(said(3, "Can I see it?"))
    to_video = switched(
        from_channel=CHANNEL_LIVE_CHAT,
        to_channel=CHANNEL_VIDEO,
        mode=CONVERSATION_MODE_VIDEO,
        summary="Wants to see it.",
    )
    await browser.act(interaction(CHAT, to_video))
    agents = [
        await stage.clerk(f"agent-{channel}", jan, device=channel, channel=channel)
        for channel in ("phone", "email", "video")
    ]
    views = [await agent.sees("conversation", "cv-2") for agent in agents]
    assert len({view.SerializeToString(deterministic=True) for view in views}) == 1
    chat = views[0].conversation
    assert [message.text for message in chat.messages] == [
        "Does it come with taps?",
        "It does.",
        "Can I see it?",
    ]
    assert (chat.situation, chat.mode) == ("quote_question", CONVERSATION_MODE_VIDEO)
    assert chat.summary == "Wants to see it."
    assert [found.quote_id for found in chat.quotes] == ["Q1"]
    switches = await browser.events("conversation.channel_switched")
    told = [each.interaction.conversation_channel_switched.summary for each in switches]
    assert len(told) == 3
    assert all(told)

    screen = await view_of(stage, AgentConversationState, "conversations", f"{jan}/cv-2")
    assert (screen.mode, screen.summary) == (CONVERSATION_MODE_VIDEO, "Wants to see it.")
    assert [*screen.quotes] == [*chat.quotes]
    assert (screen.call_id, screen.last_message.text) == ("c-1", "Can I see it?")
    assert screen.waiting_since_ms == screen.last_message.at_ms

    taken = interaction(CHAT, QuoteAnswered(quote_id="Q1", answer=QuoteAnswered.ANSWER_ACCEPTED))
    taken.expected_rev = (await browser.sees("conversation", "cv-2")).rev
    await browser.act(taken)
    again = interaction(CHAT, QuoteAnswered(quote_id="Q1", answer=QuoteAnswered.ANSWER_ACCEPTED))
    assert await refused(stage.tell(mail, jan, again)) == "STATE_CONFLICT"


async def test_scenario_A14_what_begins_on_one_channel_goes_on_on_every_other(
    stage: Stage,
) -> None:
    # Every pair live; with repeats and over two services a third of the channels will do.
    live = len(stage.services) == 1 and not stage.twice
    channels = CHANNELS if live else CHANNELS[::3]
    devices = {
        channel: await stage.device(f"device-{channel}", subject="ada", channel=channel)
        for channel in channels
    }
    for first, second in permutations(channels, 2):
        name = f"{first}-{second}"
        begins, goes_on = devices[first], devices[second]
        await begins.act(interactions.cart_line_added("tea", cart_id=name))
        await begins.act(
            interaction(
                f"conversation/{name}",
                ConversationMessageAdded(message_id=name, direction=IN, text=first),
            )
        )
        found = await goes_on.sees("cart", name)
        assert quantities(found.cart) == {"tea": 1}
        await goes_on.act(interactions.cart_line_quantity_set("tea", 2, cart_id=name))
        await goes_on.act(
            interaction(
                f"conversation/{name}",
                ConversationMessageAdded(message_id=f"{name}-2", direction=IN, text=second),
            )
        )
        carts = [await each.sees("cart", name) for each in (begins, goes_on)]
        chats = [await each.sees("conversation", name) for each in (begins, goes_on)]
        for here, there in (carts, chats):
            assert here.SerializeToString(deterministic=True) == there.SerializeToString(
                deterministic=True
            )
        assert quantities(carts[0].cart) == {"tea": 2}
        assert [message.text for message in chats[0].conversation.messages] == [first, second]


async def test_check_B14_sharing_and_recommending_stay_with_who_did_it(stage: Stage) -> None:
    phone = await stage.device("phone", subject="vic")
    for network in ("facebook", "twitter", "linkedin", "email", "whatsapp"):
        shared = SocialReacted(
            network=network, reaction=SocialReacted.REACTION_SHARED, sku="SHOE-7"
        )
        await phone.act(Interaction(social_reacted=shared))
    for reaction in (SocialReacted.REACTION_FOLLOWED, SocialReacted.REACTION_LIKED):
        liked = SocialReacted(network="facebook", reaction=reaction, sku="SHOE-7")
        await phone.act(Interaction(social_reacted=liked))
    for status in (ReferralMade.STATUS_SENT, ReferralMade.STATUS_CONVERTED):
        made = ReferralMade(referral_id="r-1", status=status, network="whatsapp")
        await phone.act(Interaction(referral_made=made))

    reactions = await phone.events("social.*")
    assert {each.interaction.social_reacted.network for each in reactions} == {
        "facebook",
        "twitter",
        "linkedin",
        "email",
        "whatsapp",
    }
    friend = await stage.device("phone-2", subject="friend")
    assert await friend.events("social.*", "referral.*") == []
