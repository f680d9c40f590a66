import importlib
import keyword
import pkgutil
import re
from collections.abc import Iterator

from google.protobuf.descriptor import Descriptor, FieldDescriptor, FileDescriptor

import journey.v1

# Reserved everywhere or in strict mode; words special only in places (`type`, `of`) are not here.
TYPESCRIPT_KEYWORDS = frozenset(
    "await break case catch class const continue debugger default delete do else enum export "
    "extends false finally for function if implements import in instanceof interface let new null "
    "package private protected public return static super switch this throw true try typeof var "
    "void while with yield".split()
)
# Times and durations are milliseconds and end in _ms.
TIME_WITHOUT_UNIT = re.compile(
    r"_(at|time|seconds|secs|millis|duration|timeout|interval|ttl|minutes|hours|days)$"
)
WHOLE_NUMBERS = (
    FieldDescriptor.CPPTYPE_INT32,
    FieldDescriptor.CPPTYPE_INT64,
    FieldDescriptor.CPPTYPE_UINT32,
    FieldDescriptor.CPPTYPE_UINT64,
)
FLOATING = (FieldDescriptor.TYPE_DOUBLE, FieldDescriptor.TYPE_FLOAT)


def files() -> list[FileDescriptor]:
    """Descriptors of every file of journey.v1."""
    names = [module.name for module in pkgutil.iter_modules(journey.v1.__path__)]
    modules = [name for name in names if name.endswith("_pb2")]
    return [importlib.import_module(f"journey.v1.{name}").DESCRIPTOR for name in modules]


def messages() -> Iterator[Descriptor]:
    """Every message, nested ones too; entries of maps are none of ours."""
    waiting = [message for file in files() for message in file.message_types_by_name.values()]
    while waiting:
        message = waiting.pop()
        waiting.extend(message.nested_types)
        if not message.GetOptions().map_entry:
            yield message


def names_in(message: Descriptor) -> list[str]:
    """Names of a message's fields and alternatives."""
    return [*(field.name for field in message.fields), *(oneof.name for oneof in message.oneofs)]


def test_no_name_is_a_keyword_of_python_or_typescript() -> None:
    keywords = {
        f"{message.full_name}.{name}"
        for message in messages()
        for name in names_in(message)
        if keyword.iskeyword(name) or name in TYPESCRIPT_KEYWORDS
    }
    assert keywords == set()


def test_there_are_messages_with_fields_to_look_at() -> None:
    assert sum(len(names_in(message)) for message in messages()) > 100


def test_no_field_is_a_floating_point_number() -> None:
    floating = [
        field.full_name
        for message in messages()
        for field in message.fields
        if field.type in FLOATING
    ]
    assert floating == []


def test_every_number_that_is_a_time_says_its_unit() -> None:
    unclear = [
        field.full_name
        for message in messages()
        for field in message.fields
        if TIME_WITHOUT_UNIT.search(field.name) and field.cpp_type in WHOLE_NUMBERS
    ]
    assert unclear == []


def test_every_call_has_a_request_and_a_response_of_its_own() -> None:
    calls = [
        method
        for file in files()
        for service in file.services_by_name.values()
        for method in service.methods
    ]
    assert calls
    for call in calls:
        assert call.input_type.name == f"{call.name}Request"
        assert call.output_type.name == f"{call.name}Response"
