from google.protobuf import descriptor_pb2 as _descriptor_pb2
from journey.v1 import access_pb2 as _access_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class InteractionClass(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    INTERACTION_CLASS_UNSPECIFIED: _ClassVar[InteractionClass]
    INTERACTION_CLASS_INTENT: _ClassVar[InteractionClass]
    INTERACTION_CLASS_TELEMETRY: _ClassVar[InteractionClass]
    INTERACTION_CLASS_DECIDED: _ClassVar[InteractionClass]
    INTERACTION_CLASS_STATED: _ClassVar[InteractionClass]

class Coalesce(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    COALESCE_UNSPECIFIED: _ClassVar[Coalesce]
    COALESCE_NEVER: _ClassVar[Coalesce]
    COALESCE_LAST: _ClassVar[Coalesce]
    COALESCE_RUN: _ClassVar[Coalesce]
    COALESCE_FIELDS_JOINED: _ClassVar[Coalesce]

class PurposeSource(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PURPOSE_SOURCE_UNSPECIFIED: _ClassVar[PurposeSource]
    PURPOSE_SOURCE_TYPE: _ClassVar[PurposeSource]
    PURPOSE_SOURCE_VALUE: _ClassVar[PurposeSource]
    PURPOSE_SOURCE_MESSAGE_SENT: _ClassVar[PurposeSource]
    PURPOSE_SOURCE_AUDIENCE: _ClassVar[PurposeSource]
    PURPOSE_SOURCE_TIMER: _ClassVar[PurposeSource]
    PURPOSE_SOURCE_DECLARED: _ClassVar[PurposeSource]

class Format(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FORMAT_UNSPECIFIED: _ClassVar[Format]
    FORMAT_INSTANT_MS: _ClassVar[Format]
    FORMAT_DURATION_MS: _ClassVar[Format]
    FORMAT_POINT_MS: _ClassVar[Format]
    FORMAT_SPEED: _ClassVar[Format]
    FORMAT_PPM: _ClassVar[Format]
    FORMAT_CURRENCY: _ClassVar[Format]
    FORMAT_GTIN: _ClassVar[Format]
    FORMAT_GLN: _ClassVar[Format]
    FORMAT_UNIT_CODE: _ClassVar[Format]
    FORMAT_LANGUAGE: _ClassVar[Format]
    FORMAT_COUNTRY: _ClassVar[Format]
    FORMAT_ZONE: _ClassVar[Format]
    FORMAT_URL: _ClassVar[Format]
    FORMAT_PHONE: _ClassVar[Format]
    FORMAT_EMAIL: _ClassVar[Format]
    FORMAT_UUID: _ClassVar[Format]
    FORMAT_RUN_ID: _ClassVar[Format]
    FORMAT_JSON_OBJECT: _ClassVar[Format]
    FORMAT_KIND: _ClassVar[Format]
    FORMAT_CUSTOM_NAME: _ClassVar[Format]
    FORMAT_PURPOSE: _ClassVar[Format]
    FORMAT_TRACEPARENT: _ClassVar[Format]

class QuantityRule(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    QUANTITY_RULE_UNSPECIFIED: _ClassVar[QuantityRule]
    QUANTITY_RULE_COUNT: _ClassVar[QuantityRule]
    QUANTITY_RULE_ABSOLUTE: _ClassVar[QuantityRule]
    QUANTITY_RULE_DELTA: _ClassVar[QuantityRule]
INTERACTION_CLASS_UNSPECIFIED: InteractionClass
INTERACTION_CLASS_INTENT: InteractionClass
INTERACTION_CLASS_TELEMETRY: InteractionClass
INTERACTION_CLASS_DECIDED: InteractionClass
INTERACTION_CLASS_STATED: InteractionClass
COALESCE_UNSPECIFIED: Coalesce
COALESCE_NEVER: Coalesce
COALESCE_LAST: Coalesce
COALESCE_RUN: Coalesce
COALESCE_FIELDS_JOINED: Coalesce
PURPOSE_SOURCE_UNSPECIFIED: PurposeSource
PURPOSE_SOURCE_TYPE: PurposeSource
PURPOSE_SOURCE_VALUE: PurposeSource
PURPOSE_SOURCE_MESSAGE_SENT: PurposeSource
PURPOSE_SOURCE_AUDIENCE: PurposeSource
PURPOSE_SOURCE_TIMER: PurposeSource
PURPOSE_SOURCE_DECLARED: PurposeSource
FORMAT_UNSPECIFIED: Format
FORMAT_INSTANT_MS: Format
FORMAT_DURATION_MS: Format
FORMAT_POINT_MS: Format
FORMAT_SPEED: Format
FORMAT_PPM: Format
FORMAT_CURRENCY: Format
FORMAT_GTIN: Format
FORMAT_GLN: Format
FORMAT_UNIT_CODE: Format
FORMAT_LANGUAGE: Format
FORMAT_COUNTRY: Format
FORMAT_ZONE: Format
FORMAT_URL: Format
FORMAT_PHONE: Format
FORMAT_EMAIL: Format
FORMAT_UUID: Format
FORMAT_RUN_ID: Format
FORMAT_JSON_OBJECT: Format
FORMAT_KIND: Format
FORMAT_CUSTOM_NAME: Format
FORMAT_PURPOSE: Format
FORMAT_TRACEPARENT: Format
QUANTITY_RULE_UNSPECIFIED: QuantityRule
QUANTITY_RULE_COUNT: QuantityRule
QUANTITY_RULE_ABSOLUTE: QuantityRule
QUANTITY_RULE_DELTA: QuantityRule
INTERACTION_FIELD_NUMBER: _ClassVar[int]
interaction: _descriptor.FieldDescriptor
RULES_FIELD_NUMBER: _ClassVar[int]
rules: _descriptor.FieldDescriptor
VALUE_ROLES_FIELD_NUMBER: _ClassVar[int]
value_roles: _descriptor.FieldDescriptor
VALUE_PURPOSE_FIELD_NUMBER: _ClassVar[int]
value_purpose: _descriptor.FieldDescriptor
VALUE_ALSO_PURPOSE_FIELD_NUMBER: _ClassVar[int]
value_also_purpose: _descriptor.FieldDescriptor
VALUE_KINDS_FIELD_NUMBER: _ClassVar[int]
value_kinds: _descriptor.FieldDescriptor
REQUIRED_ONE_FIELD_NUMBER: _ClassVar[int]
required_one: _descriptor.FieldDescriptor

class InteractionRules(_message.Message):
    __slots__ = ("name", "interaction_class", "roles", "purpose", "purpose_source", "kinds", "default_journey_id", "default_kinds", "journey_optional", "coalesce", "coalesce_key", "machine", "queued_offline", "expected_rev_required", "at_least_one_of", "unique_key")
    NAME_FIELD_NUMBER: _ClassVar[int]
    INTERACTION_CLASS_FIELD_NUMBER: _ClassVar[int]
    ROLES_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_SOURCE_FIELD_NUMBER: _ClassVar[int]
    KINDS_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_JOURNEY_ID_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_KINDS_FIELD_NUMBER: _ClassVar[int]
    JOURNEY_OPTIONAL_FIELD_NUMBER: _ClassVar[int]
    COALESCE_FIELD_NUMBER: _ClassVar[int]
    COALESCE_KEY_FIELD_NUMBER: _ClassVar[int]
    MACHINE_FIELD_NUMBER: _ClassVar[int]
    QUEUED_OFFLINE_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_REV_REQUIRED_FIELD_NUMBER: _ClassVar[int]
    AT_LEAST_ONE_OF_FIELD_NUMBER: _ClassVar[int]
    UNIQUE_KEY_FIELD_NUMBER: _ClassVar[int]
    name: str
    interaction_class: InteractionClass
    roles: _containers.RepeatedScalarFieldContainer[_access_pb2.Role]
    purpose: str
    purpose_source: PurposeSource
    kinds: _containers.RepeatedScalarFieldContainer[str]
    default_journey_id: str
    default_kinds: _containers.RepeatedScalarFieldContainer[str]
    journey_optional: bool
    coalesce: Coalesce
    coalesce_key: _containers.RepeatedScalarFieldContainer[str]
    machine: bool
    queued_offline: bool
    expected_rev_required: bool
    at_least_one_of: _containers.RepeatedScalarFieldContainer[str]
    unique_key: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., interaction_class: _Optional[_Union[InteractionClass, str]] = ..., roles: _Optional[_Iterable[_Union[_access_pb2.Role, str]]] = ..., purpose: _Optional[str] = ..., purpose_source: _Optional[_Union[PurposeSource, str]] = ..., kinds: _Optional[_Iterable[str]] = ..., default_journey_id: _Optional[str] = ..., default_kinds: _Optional[_Iterable[str]] = ..., journey_optional: bool = ..., coalesce: _Optional[_Union[Coalesce, str]] = ..., coalesce_key: _Optional[_Iterable[str]] = ..., machine: bool = ..., queued_offline: bool = ..., expected_rev_required: bool = ..., at_least_one_of: _Optional[_Iterable[str]] = ..., unique_key: _Optional[_Iterable[str]] = ...) -> None: ...

class FieldRules(_message.Message):
    __slots__ = ("max_chars", "id", "min", "max", "max_items", "max_bytes", "format", "personal", "write_only", "key_max_chars", "quantity", "pattern", "purpose_if_set")
    MAX_CHARS_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    MIN_FIELD_NUMBER: _ClassVar[int]
    MAX_FIELD_NUMBER: _ClassVar[int]
    MAX_ITEMS_FIELD_NUMBER: _ClassVar[int]
    MAX_BYTES_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    PERSONAL_FIELD_NUMBER: _ClassVar[int]
    WRITE_ONLY_FIELD_NUMBER: _ClassVar[int]
    KEY_MAX_CHARS_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    PATTERN_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_IF_SET_FIELD_NUMBER: _ClassVar[int]
    max_chars: int
    id: bool
    min: int
    max: int
    max_items: int
    max_bytes: int
    format: Format
    personal: bool
    write_only: bool
    key_max_chars: int
    quantity: QuantityRule
    pattern: str
    purpose_if_set: str
    def __init__(self, max_chars: _Optional[int] = ..., id: bool = ..., min: _Optional[int] = ..., max: _Optional[int] = ..., max_items: _Optional[int] = ..., max_bytes: _Optional[int] = ..., format: _Optional[_Union[Format, str]] = ..., personal: bool = ..., write_only: bool = ..., key_max_chars: _Optional[int] = ..., quantity: _Optional[_Union[QuantityRule, str]] = ..., pattern: _Optional[str] = ..., purpose_if_set: _Optional[str] = ...) -> None: ...
