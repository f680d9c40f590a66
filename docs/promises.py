"""What Journey promises, in a sentence each, by the names that its tests carry.

Beside each sentence docs/reference/hard-cases.md lists the tests, which it finds by their names:
`test_hard_case_07_…`, `test_g3_…`, `test_scenario_A1_…`, `test_check_B5_…`.
"""

from __future__ import annotations

from collections.abc import Mapping

HARD_CASES: Mapping[int, str] = {
    1: "A stop that is reported hours late does not beat what was watched elsewhere since.",
    2: "A restart that happened later wins, although it did not get as far.",
    3: "A paused device that repeats its point moves nothing; what was finished stays so.",
    4: "Starting from the beginning counts, also when it is stopped after two seconds.",
    5: "A player that fails to start and reports a stop at 0 moves nothing.",
    6: "Of two devices that play one title at once the later report wins, on every replica alike.",
    7: "A device that was overtaken moves nothing with its old epoch, until it is played on again.",
    8: "A device that dies while it plays is extrapolated to the end of its lease, and no further.",
    9: "An earlier pause that arrives late does not reopen what was finished.",
    10: "Watching again in earnest reopens what was finished, and counts how often.",
    11: "A 40-hour audiobook and a 4-minute clip can both be gone on with.",
    12: "Without a known duration the point is exact, and nothing finishes by itself.",
    13: "Versions of a title have their own points and one entry in the list.",
    14: "A device that restarts with a factory date, offline, does not beat what others did.",
    15: "A date set a year ahead and back changes neither the order of acts nor their times.",
    16: "A batch that is sent three times is stored once and answered alike.",
    17: "Behind a gap nothing is stored, and all in order once it is closed.",
    18: "One invalid interaction in the middle of a batch spoils none of the others.",
    19: "A database that goes away in mid-batch leaves one copy after the repeat.",
    20: "An act of 31 days ago is kept and has no effect.",
    21: "Adds of two devices to one line of a cart both count.",
    22: "Removing a line leaves an add that the removal had not seen.",
    23: "Of two quantities set at the same time the later act wins.",
    24: "Carts that meet at a sign-in become one, however often the merge is asked for.",
    25: "An add that an order had not seen is in the next cart; the order stays as it is.",
    26: "Ordered online, collected in one store and returned in another is one order.",
    27: "What a clerk orders is in the customer's history, and on their phone at once.",
    28: "A form filled in on two devices keeps both; in one field the later, beside a conflict.",
    29: "A late receipt takes nothing back, and marked as unread keeps the number that was read.",
    30: "A chat that becomes a call and a video call stays one conversation.",
    31: "A message sent twice is one; of two drafts the later stays.",
    32: "Two profiles on one television have their own points and count for one household.",
    33: "One device too many is denied or the oldest gives way; of two starts at once one wins.",
    34: "A token that is too old costs one snapshot on the same stream, and never a loop.",
    35: "A frame that comes twice is ignored; a missing one is made good.",
    36: "A device that hardly reads gets the last state, and costs the service little memory.",
    37: "A write is in what another process answers to its token, or the read says it is not.",
    38: "A client killed between any two of store, send, answer, delta loses and doubles nothing.",
    39: "A full queue refuses intents visibly and compacts telemetry.",
    40: "Any order, repetition and split of the same events gives the same bytes.",
    41: "A thousand devices whose node died spread their tries, and miss no change.",
    42: "Two tabs share a store one at a time, or are two installations.",
}

GUARANTEES: Mapping[str, str] = {
    "G1": "Events of one installation are stored in the order of their numbers, without holes.",
    "G2": "An interaction has its effect once, however often, late and anywhere it is sent.",
    "G3": "What was answered is durable.",
    "G4": "A delta holds the effect of exactly what it says was processed.",
    "G5": "The token of an installation never goes back, over reconnects, restarts and processes.",
    "G6": "A read that names a token contains what the token stands for, or says why not.",
    "G7": "Equal sets of events give equal bytes on every replica and after every rebuild.",
    "G8": "A stream begins anew at most once, with its snapshot; reconnecting makes no loop.",
}
