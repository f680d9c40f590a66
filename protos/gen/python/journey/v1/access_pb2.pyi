from google.protobuf import descriptor_pb2 as _descriptor_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Role(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ROLE_UNSPECIFIED: _ClassVar[Role]
    ROLE_DEVICE: _ClassVar[Role]
    ROLE_STAFF: _ClassVar[Role]
    ROLE_SERVICE: _ClassVar[Role]
    ROLE_DEVELOPER: _ClassVar[Role]
    ROLE_OPERATOR: _ClassVar[Role]
    ROLE_SYSTEM: _ClassVar[Role]

class Scope(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SCOPE_UNSPECIFIED: _ClassVar[Scope]
    SCOPE_CUSTOMER: _ClassVar[Scope]
    SCOPE_GROUP: _ClassVar[Scope]
    SCOPE_PROJECTION: _ClassVar[Scope]
    SCOPE_JOURNAL: _ClassVar[Scope]
    SCOPE_NONE: _ClassVar[Scope]

class LoadClass(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LOAD_CLASS_UNSPECIFIED: _ClassVar[LoadClass]
    LOAD_CLASS_INTERACTIVE: _ClassVar[LoadClass]
    LOAD_CLASS_FLUSH: _ClassVar[LoadClass]
    LOAD_CLASS_STREAM: _ClassVar[LoadClass]
    LOAD_CLASS_BULK: _ClassVar[LoadClass]
ROLE_UNSPECIFIED: Role
ROLE_DEVICE: Role
ROLE_STAFF: Role
ROLE_SERVICE: Role
ROLE_DEVELOPER: Role
ROLE_OPERATOR: Role
ROLE_SYSTEM: Role
SCOPE_UNSPECIFIED: Scope
SCOPE_CUSTOMER: Scope
SCOPE_GROUP: Scope
SCOPE_PROJECTION: Scope
SCOPE_JOURNAL: Scope
SCOPE_NONE: Scope
LOAD_CLASS_UNSPECIFIED: LoadClass
LOAD_CLASS_INTERACTIVE: LoadClass
LOAD_CLASS_FLUSH: LoadClass
LOAD_CLASS_STREAM: LoadClass
LOAD_CLASS_BULK: LoadClass
ACCESS_FIELD_NUMBER: _ClassVar[int]
access: _descriptor.FieldDescriptor

class Access(_message.Message):
    __slots__ = ("roles", "scope", "audit", "load")
    ROLES_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    AUDIT_FIELD_NUMBER: _ClassVar[int]
    LOAD_FIELD_NUMBER: _ClassVar[int]
    roles: _containers.RepeatedScalarFieldContainer[Role]
    scope: Scope
    audit: bool
    load: LoadClass
    def __init__(self, roles: _Optional[_Iterable[_Union[Role, str]]] = ..., scope: _Optional[_Union[Scope, str]] = ..., audit: bool = ..., load: _Optional[_Union[LoadClass, str]] = ...) -> None: ...
