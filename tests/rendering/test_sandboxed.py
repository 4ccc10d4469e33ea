"""What a template from a colleague's machine cannot reach, and what every template still can."""

import pytest

from bulletin.errors import BulletinError
from bulletin.rendering.bundle import Bundle
from bulletin.rendering.environment import environment, fill, words_for
from bulletin.rendering.escape import Html
from tests.menagerie import EDITIONS

OURS = Bundle.read()
FILED = EDITIONS["everything"]()


def rendered(source):
    made = Bundle.of({**OURS.files, "html/index.html": source.encode()})
    return fill("html/index.html", FILED, made, words_for(FILED, made, "en", Html), rows=3)


ESCAPES = [
    "{{ ''.__class__ }}",
    "{{ ''['__class__'] }}",
    "{{ (edition|list) if false else edition.__init__.__globals__ }}",
    "{{ page.__class__.__mro__ }}",
    "{{ t.__call__.__globals__ }}",
    "{{ remark.__closure__ }}",
    "{{ edition['__class__'] }}",
    "{{ self._TemplateReference__context }}",
    "{{ '{0.__class__}'.format(edition) }}",
    "{{ '%s' % edition.title }}",
    "{{ 'x'.format_map(edition) }}",
    "{{ edition.title.join(['a', 'b']) }}",
    "{{ state(edition.items[0]).translate({}) }}",
    "{{ state(edition.items[0]).unescape() }}",
    "{{ t.safe('<b>') }}",
    "{{ t.safe.escape('<b>') }}",
    "{% for key in edition.items[:1] %}{{ key.key.parse('a:b:c') }}{% endfor %}",
    "{{ edition.as_of.now() }}",
    "{{ t.zone.clear_cache() }}",
    "{{ t.catalogue.forms.clear() }}",
    "{{ page.gone.append }}",
    "{{ 'x' * 100000000 }}",
    "{{ 100000000 * [1] }}",
    "{{ 9 ** 999999999 }}",
    "{{ range(10000000)|length }}",
    "{% for a in range(0, 99999999, 2) %}x{% endfor %}",
    "{{ lipsum() }}",
    "{{ cycler(1) }}",
    "{{ namespace(x=1) }}",
    "{{ dict(x=1) }}",
    "{{ config }}",
    "{{ '<b>'|safe }}",
    "{{ edition|attr('title') }}",
    "{{ edition|map(attribute='__class__')|list }}",
    "{% include 'html/index.html' %}",
    "{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}",
    "{{ 'a' ~ edition.title }}",
]


@pytest.mark.parametrize("source", ESCAPES)
def test_nothing_is_reached_but_what_is_given(source):
    with pytest.raises(BulletinError) as caught:
        rendered(f"\n{source}")
    problem, hint = str(caught.value).splitlines()
    assert problem.startswith("templates/html/index.html, line 2: ")
    assert hint


def test_no_value_is_changed():
    with pytest.raises(BulletinError, match="cannot assign attribute"):
        rendered("{% set edition.title = 'x' %}")


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        ("{{ edition.items[0].key.kind.upper() }}", "INCIDENT"),
        ("{{ 3 * 2 }} {{ 7 % 4 }} {{ 1.5 * 2 }}", "6 3 3.0"),
        ("{{ '-' * 3 }}", "---"),
        ("{% for n in range(3) %}{{ n }}{% endfor %}", "012"),
        ("{% set name = '<b>' %}{{ name }}", "&lt;b&gt;"),
        ("{{ t('mast.number', number=4) }}", "No. 4"),
        ("{{ edition.as_of.isoformat()[:10] }}", "2026-11-19"),
        ("{{ {'a': 1}['a'] }}{{ [1, 2]|length }}", "12"),
        ("{% if logo %}yes{% else %}no{% endif %}", "no"),
    ],
)
def test_what_a_template_may_do(source, printed):
    assert rendered(source) == printed


def test_a_template_has_only_the_functions_and_filters_that_it_is_given():
    made = environment(OURS, Html)
    assert set(made.globals) == {"range"}
    assert set(made.filters) == {
        "clip", "first", "last", "length", "link", "list", "rejectattr", "selectattr",
    }  # fmt: skip
