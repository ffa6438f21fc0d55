"""What kind of speech a text is."""

import json
from collections import Counter
from pathlib import Path

import pytest

from trax.enhance.domain import ANCHORS, detect_domain, domain_terms
from trax.enhance.minilm import MiniLM
from trax.enhance.prompts import DOMAINS, prompt_for
from trax.errors import ModelUnavailable
from trax.models import Kind, ModelFinder

PASSAGES = json.loads((Path(__file__).parent / "data" / "domains.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def minilm(models_folder):
    try:
        return MiniLM(ModelFinder(models_folder, offline=True).find("minilm", Kind.EMBEDDING))
    except ModelUnavailable as error:
        pytest.skip(str(error))


@pytest.mark.real
def test_passages_that_no_anchor_was_written_for_are_told_apart(minilm):
    """By meaning, with a real embedding model: at least 28 of 32."""
    right = Counter(
        domain
        for domain, texts in PASSAGES.items()
        for text in texts
        if detect_domain(text, minilm).name == domain
    )
    assert right.total() >= 28


@pytest.mark.real
def test_the_evidence_is_told(minilm):
    """Similarity to every domain, and the domain's terms that were said."""
    found = detect_domain(PASSAGES["medical"][1], minilm)
    assert found.by == "meaning"
    assert set(found.evidence) == set(ANCHORS)
    assert "blood pressure" in found.terms


@pytest.mark.real
def test_vectors_have_length_one_and_like_texts_are_near(minilm):
    """They compare by their product."""
    a, b, c = minilm.embed(["A dog barks.", "A hound is barking.", "Interest rates fell."])
    assert a @ a == pytest.approx(1, abs=1e-5)
    assert a @ b > a @ c + 0.2


def test_without_a_model_keywords_decide():
    """A domain needs twelve in a thousand words, else speech is general."""
    text = (
        "The patient has fever and a fracture; the physician gave her an antibiotic, "
        "and then he ordered surgery for her today."
    )
    assert detect_domain(text, None).name == "medical"
    assert detect_domain(PASSAGES["general"][0], None).name == "general"


def test_too_little_text_is_general():
    """And says so."""
    assert detect_domain("A patient.", None).by == "too little text"


def test_every_domain_has_a_prompt_and_a_vocabulary():
    """Data for all of them, so that choosing one never fails."""
    assert set(ANCHORS) == set(DOMAINS)
    assert all(domain_terms(domain) for domain in DOMAINS if domain != "general")
    assert all(
        DOMAINS[domain] in prompt_for("correct").filled(domain, "en", ()) for domain in DOMAINS
    )
