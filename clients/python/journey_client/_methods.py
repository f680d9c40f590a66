"""The RPCs that this library calls, each with its messages."""

from __future__ import annotations

from journey.v1 import admin_service_pb2 as admin
from journey.v1 import groups_pb2 as groups
from journey.v1 import history_service_pb2 as history
from journey.v1 import identity_service_pb2 as identity
from journey.v1 import journey_service_pb2 as journeys
from journey.v1 import projection_service_pb2 as projections
from journey.v1 import session_service_pb2 as sessions
from journey.v1 import subscription_service_pb2 as subscriptions
from journey_client._calls import Method

_JOURNEYS = "/journey.v1.JourneyService/"
_SESSIONS = "/journey.v1.SessionService/"
_HISTORY = "/journey.v1.HistoryService/"
_IDENTITY = "/journey.v1.IdentityService/"
_ADMIN = "/journey.v1.AdminService/"
_SUBSCRIPTIONS = "/journey.v1.SubscriptionService/"
_PROJECTIONS = "/journey.v1.ProjectionService/"

RECORD = Method(_JOURNEYS + "Record", journeys.RecordRequest, journeys.RecordResponse)
GET_JOURNEY = Method(
    _JOURNEYS + "GetJourney", journeys.GetJourneyRequest, journeys.GetJourneyResponse
)
LIST_JOURNEYS = Method(
    _JOURNEYS + "ListJourneys", journeys.ListJourneysRequest, journeys.ListJourneysResponse
)
WATCH = Method(_JOURNEYS + "Watch", journeys.WatchRequest, journeys.WatchResponse)
OPEN_SESSION = Method(
    _SESSIONS + "OpenSession", sessions.OpenSessionRequest, sessions.OpenSessionResponse
)
REFRESH_SESSION = Method(
    _SESSIONS + "RefreshSession", sessions.RefreshSessionRequest, sessions.RefreshSessionResponse
)
CLOSE_SESSION = Method(
    _SESSIONS + "CloseSession", sessions.CloseSessionRequest, sessions.CloseSessionResponse
)
LIST_SESSIONS = Method(
    _SESSIONS + "ListSessions", sessions.ListSessionsRequest, sessions.ListSessionsResponse
)
ACQUIRE_LEASE = Method(
    _SESSIONS + "AcquireLease", sessions.AcquireLeaseRequest, sessions.AcquireLeaseResponse
)
RELEASE_LEASE = Method(
    _SESSIONS + "ReleaseLease", sessions.ReleaseLeaseRequest, sessions.ReleaseLeaseResponse
)
TRANSFER_LEASE = Method(
    _SESSIONS + "TransferLease", sessions.TransferLeaseRequest, sessions.TransferLeaseResponse
)
CREATE_HANDOFF = Method(
    _SESSIONS + "CreateHandoff", sessions.CreateHandoffRequest, sessions.CreateHandoffResponse
)
CLAIM_HANDOFF = Method(
    _SESSIONS + "ClaimHandoff", sessions.ClaimHandoffRequest, sessions.ClaimHandoffResponse
)
SIGN_OUT_DEVICE = Method(
    _SESSIONS + "SignOutDevice", sessions.SignOutDeviceRequest, sessions.SignOutDeviceResponse
)
LIST_DEVICES = Method(
    _SESSIONS + "ListDevices", sessions.ListDevicesRequest, sessions.ListDevicesResponse
)
GET_CUSTOMER = Method(
    _IDENTITY + "GetCustomer", identity.GetCustomerRequest, identity.GetCustomerResponse
)
LIST_EVENTS = Method(_HISTORY + "ListEvents", history.ListEventsRequest, history.ListEventsResponse)
READ_EVENTS = Method(_HISTORY + "ReadEvents", history.ReadEventsRequest, history.ReadEventsResponse)
DIFF_JOURNEY = Method(
    _HISTORY + "DiffJourney", history.DiffJourneyRequest, history.DiffJourneyResponse
)
PLAY_EVENTS = Method(_HISTORY + "PlayEvents", history.PlayEventsRequest, history.PlayEventsResponse)
SUBSCRIBE = Method(
    _SUBSCRIPTIONS + "Subscribe", subscriptions.SubscribeRequest, subscriptions.SubscribeResponse
)
WATCH_PROJECTION = Method(
    _SUBSCRIPTIONS + "WatchProjection",
    subscriptions.WatchProjectionRequest,
    subscriptions.WatchProjectionResponse,
)
LIST_PROJECTIONS = Method(
    _PROJECTIONS + "ListProjections",
    projections.ListProjectionsRequest,
    projections.ListProjectionsResponse,
)
GET_STATE = Method(
    _PROJECTIONS + "GetState", projections.GetStateRequest, projections.GetStateResponse
)
LIST_STATES = Method(
    _PROJECTIONS + "ListStates", projections.ListStatesRequest, projections.ListStatesResponse
)
RETRY_PROJECTION = Method(
    _PROJECTIONS + "RetryProjection",
    projections.RetryProjectionRequest,
    projections.RetryProjectionResponse,
)
SKIP_EVENT = Method(
    _PROJECTIONS + "SkipEvent", projections.SkipEventRequest, projections.SkipEventResponse
)
GET_SERVER_INFO = Method(
    _ADMIN + "GetServerInfo", admin.GetServerInfoRequest, admin.GetServerInfoResponse
)
GET_PARTITIONS = Method(
    _ADMIN + "GetPartitions", admin.GetPartitionsRequest, admin.GetPartitionsResponse
)
CREATE_GROUP = Method(
    _SUBSCRIPTIONS + "CreateGroup", groups.CreateGroupRequest, groups.CreateGroupResponse
)
GET_GROUP = Method(_SUBSCRIPTIONS + "GetGroup", groups.GetGroupRequest, groups.GetGroupResponse)
LIST_GROUPS = Method(
    _SUBSCRIPTIONS + "ListGroups", groups.ListGroupsRequest, groups.ListGroupsResponse
)
UPDATE_GROUP = Method(
    _SUBSCRIPTIONS + "UpdateGroup", groups.UpdateGroupRequest, groups.UpdateGroupResponse
)
DELETE_GROUP = Method(
    _SUBSCRIPTIONS + "DeleteGroup", groups.DeleteGroupRequest, groups.DeleteGroupResponse
)
SEEK_GROUP = Method(_SUBSCRIPTIONS + "SeekGroup", groups.SeekGroupRequest, groups.SeekGroupResponse)
CONSUME = Method(_SUBSCRIPTIONS + "Consume", groups.ConsumeRequest, groups.ConsumeResponse)
PULL = Method(_SUBSCRIPTIONS + "Pull", groups.PullRequest, groups.PullResponse)
SETTLE = Method(_SUBSCRIPTIONS + "Settle", groups.SettleRequest, groups.SettleResponse)
LIST_PARKED = Method(
    _SUBSCRIPTIONS + "ListParked", groups.ListParkedRequest, groups.ListParkedResponse
)
REPLAY_PARKED = Method(
    _SUBSCRIPTIONS + "ReplayParked", groups.ReplayParkedRequest, groups.ReplayParkedResponse
)
DISCARD_PARKED = Method(
    _SUBSCRIPTIONS + "DiscardParked", groups.DiscardParkedRequest, groups.DiscardParkedResponse
)
