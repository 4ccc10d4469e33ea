"""What one writes first: a loop over repositories and pull requests with PyGithub.

It knows what our collector knows: size, reviews and checks of each. Run with the API's address.
"""

import sys

from github import Auth, Github


def main(api: str) -> None:
    """Ask for everything, without PyGithub's own pause of a quarter of a second a request."""
    github = Github(auth=Auth.Token("sandbox"), base_url=api, seconds_between_requests=None)
    learnt = []
    for repository in github.get_organization("recircle").get_repos():
        for pull in repository.get_pulls(state="open"):
            reviews = list(pull.get_reviews())
            runs = list(repository.get_commit(pull.head.sha).get_check_runs())
            learnt.append((pull.title, pull.additions, len(reviews), len(runs)))
    print(len(learnt))


if __name__ == "__main__":
    main(sys.argv[1])
