"""The languages of speech models, and their codes as people and systems write them."""

ENGLISH = "en"

LANGUAGES = {
    "af": "Afrikaans",
    "am": "Amharic",
    "ar": "Arabic",
    "as": "Assamese",
    "az": "Azerbaijani",
    "ba": "Bashkir",
    "be": "Belarusian",
    "bg": "Bulgarian",
    "bn": "Bengali",
    "bo": "Tibetan",
    "br": "Breton",
    "bs": "Bosnian",
    "ca": "Catalan",
    "cs": "Czech",
    "cy": "Welsh",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "et": "Estonian",
    "eu": "Basque",
    "fa": "Persian",
    "fi": "Finnish",
    "fo": "Faroese",
    "fr": "French",
    "gl": "Galician",
    "gu": "Gujarati",
    "ha": "Hausa",
    "haw": "Hawaiian",
    "he": "Hebrew",
    "hi": "Hindi",
    "hr": "Croatian",
    "ht": "Haitian Creole",
    "hu": "Hungarian",
    "hy": "Armenian",
    "id": "Indonesian",
    "is": "Icelandic",
    "it": "Italian",
    "ja": "Japanese",
    "jw": "Javanese",
    "ka": "Georgian",
    "kk": "Kazakh",
    "km": "Khmer",
    "kn": "Kannada",
    "ko": "Korean",
    "la": "Latin",
    "lb": "Luxembourgish",
    "ln": "Lingala",
    "lo": "Lao",
    "lt": "Lithuanian",
    "lv": "Latvian",
    "mg": "Malagasy",
    "mi": "Maori",
    "mk": "Macedonian",
    "ml": "Malayalam",
    "mn": "Mongolian",
    "mr": "Marathi",
    "ms": "Malay",
    "mt": "Maltese",
    "my": "Burmese",
    "ne": "Nepali",
    "nl": "Dutch",
    "nn": "Nynorsk",
    "no": "Norwegian",
    "oc": "Occitan",
    "pa": "Punjabi",
    "pl": "Polish",
    "ps": "Pashto",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sa": "Sanskrit",
    "sd": "Sindhi",
    "si": "Sinhala",
    "sk": "Slovak",
    "sl": "Slovenian",
    "sn": "Shona",
    "so": "Somali",
    "sq": "Albanian",
    "sr": "Serbian",
    "su": "Sundanese",
    "sv": "Swedish",
    "sw": "Swahili",
    "ta": "Tamil",
    "te": "Telugu",
    "tg": "Tajik",
    "th": "Thai",
    "tk": "Turkmen",
    "tl": "Tagalog",
    "tr": "Turkish",
    "tt": "Tatar",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "uz": "Uzbek",
    "vi": "Vietnamese",
    "yi": "Yiddish",
    "yo": "Yoruba",
    "yue": "Cantonese",
    "zh": "Chinese",
}
"""Every language that a Whisper model may know: its code in the model, its name in English."""

_IN_MODELS = {"fil": "tl", "jv": "jw", "nb": "no"}


def language_code(text: str) -> str | None:
    """The model's code for a language tag of BCP 47, ISO 639 or POSIX; ``None`` if it has none.

    Region, script and variants do not matter to a model.

    >>> [language_code(tag) for tag in ("EN", "zh_Hans", "pt-BR", "ger", "iw", "nb_NO.UTF-8")]
    ['en', 'zh', 'pt', 'de', 'he', 'no']
    >>> language_code("Klingon")
    """
    tag = text.strip().partition(".")[0].partition("@")[0]
    if tag.lower() in LANGUAGES:
        return tag.lower()
    return _coded(tag, macro=False) or _coded(tag, macro=True)


def named_language(text: str) -> str | None:
    """The code of the language whose English name is *text*."""
    for code, name in LANGUAGES.items():
        if name.lower() == text.strip().lower():
            return code
    return None


def _coded(tag: str, *, macro: bool) -> str | None:
    """The code of the language of *tag*, or of the group of languages that it belongs to."""
    from langcodes import standardize_tag
    from langcodes.tag_parser import LanguageTagError

    try:
        language = standardize_tag(tag, macro=macro).partition("-")[0]
    except LanguageTagError:
        return None
    code = _IN_MODELS.get(language, language)
    return code if code in LANGUAGES else None
