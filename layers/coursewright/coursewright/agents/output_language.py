"""The prompt section about a brief's human language; three languages have their own versions."""

from coursewright.agents.prompt_templates import render

WITH_OWN_SECTION = ("de", "en", "ru")
NAMES = {
    "ar": "Arabic",
    "bg": "Bulgarian",
    "cs": "Czech",
    "da": "Danish",
    "el": "Greek",
    "es": "Spanish",
    "et": "Estonian",
    "fa": "Persian",
    "fi": "Finnish",
    "fr": "French",
    "he": "Hebrew",
    "hi": "Hindi",
    "hr": "Croatian",
    "hu": "Hungarian",
    "id": "Indonesian",
    "it": "Italian",
    "ja": "Japanese",
    "ka": "Georgian",
    "kk": "Kazakh",
    "ko": "Korean",
    "lt": "Lithuanian",
    "lv": "Latvian",
    "nb": "Norwegian",
    "nl": "Dutch",
    "no": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "sk": "Slovak",
    "sl": "Slovenian",
    "sr": "Serbian",
    "sv": "Swedish",
    "th": "Thai",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "vi": "Vietnamese",
    "zh": "Chinese",
}


def output_language_section(tag: str) -> str:
    """Return the prompt section that tells the model which language to write in.

    The tag's region is ignored.
    """
    language = tag.partition("-")[0]
    if language in WITH_OWN_SECTION:
        return render(f"shared/language_{language}")
    known_name = NAMES.get(language)
    name = f"{known_name} (`{tag}`)" if known_name else f"the language with the tag `{tag}`"
    return render("shared/language_other", language=name)
