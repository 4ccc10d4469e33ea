"""What GitHub is asked, in GraphQL. Foreign text only ever travels in variables."""

PULL_REQUEST = """
fragment Facts on PullRequest {
  id number title url state isDraft headRefName createdAt updatedAt closedAt
  additions deletions changedFiles mergeable reviewDecision
  author { __typename login }
  repository { id nameWithOwner isArchived }
  labels(first: 100) { nodes { name } }
  reviews(last: 20, states: [APPROVED, CHANGES_REQUESTED, COMMENTED, DISMISSED]) {
    nodes { submittedAt author { login } }
  }
  opinions: reviews(last: 1, states: [APPROVED, CHANGES_REQUESTED]) { nodes { state } }
  timelineItems(last: 1, itemTypes: [READY_FOR_REVIEW_EVENT]) {
    nodes { ... on ReadyForReviewEvent { createdAt } }
  }
}
"""

SEARCH = (
    """
query Search($q: String!, $first: Int!, $after: String) {
  search(type: ISSUE, query: $q, first: $first, after: $after) {
    issueCount
    pageInfo { hasNextPage endCursor }
    nodes { __typename ...Facts }
  }
}
"""
    + PULL_REQUEST
)

COUNT = """
query Count($q: String!) {
  search(type: ISSUE, query: $q, first: 1) {
    issueCount
    nodes { ... on PullRequest { id repository { id } } }
  }
}
"""

PULL_REQUESTS = (
    """
query PullRequests($ids: [ID!]!) { nodes(ids: $ids) { __typename ...Facts } }
"""
    + PULL_REQUEST
)

# By the last commit and not by PullRequest.statusCheckRollup, which older Enterprise Servers lack.
CHECKS = """
query Checks($ids: [ID!]!) {
  nodes(ids: $ids) {
    ... on PullRequest {
      commits(last: 1) {
        nodes { commit { committedDate messageHeadline statusCheckRollup { state } } }
      }
    }
  }
}
"""

CODEOWNERS = """
query Codeowners($ids: [ID!]!) {
  nodes(ids: $ids) {
    ... on Repository {
      hidden: object(expression: "HEAD:.github/CODEOWNERS") { ... on Blob { text } }
      top: object(expression: "HEAD:CODEOWNERS") { ... on Blob { text } }
      docs: object(expression: "HEAD:docs/CODEOWNERS") { ... on Blob { text } }
    }
  }
}
"""

VIEWER = """
query Viewer { viewer { __typename } }
"""


def scope(organization: bool, repositories: int) -> str:  # noqa: FBT001  (asked for or not)
    """Return the query that looks up an organization and so many repositories by name."""
    takes = ["$organization: String!"] if organization else []
    asks = ["organization(login: $organization) { login }"] if organization else []
    for n in range(repositories):
        takes.append(f"$owner{n}: String!, $name{n}: String!")
        asks.append(f"r{n}: repository(owner: $owner{n}, name: $name{n}) {{ nameWithOwner }}")
    return f"query Scope({', '.join(takes)}) {{ {' '.join(asks)} }}"
